/// What pages do in the browser beyond links and forms.
///
/// Pages work without it.
enum Script {
    static let text = #"""
        "use strict";
        (() => {
          const two = (number) => String(number).padStart(2, "0");
          const day = (date) =>
            date.getFullYear() + "-" + two(date.getMonth() + 1) + "-" + two(date.getDate());
          const clock = (date) => two(date.getHours()) + ":" + two(date.getMinutes());
          const seconds = (date) => clock(date) + ":" + two(date.getSeconds());
          const millis = (date) => seconds(date) + "." + String(date.getMilliseconds()).padStart(3, "0");

          // Times come in UTC and are shown in the reader's zone; the title keeps UTC.
          function localize(root) {
            for (const element of root.querySelectorAll("time[datetime]")) {
              const date = new Date(element.dateTime);
              if (Number.isNaN(date.getTime())) continue;
              const today = day(date) === day(new Date());
              switch (element.dataset.style) {
                case "ago": break;
                case "axis":
                  element.textContent = today ? clock(date) : day(date).slice(5) + " " + clock(date);
                  break;
                case "minute": element.textContent = day(date) + " " + clock(date); break;
                case "millis": element.textContent = day(date) + " " + millis(date); break;
                default: element.textContent = day(date) + " " + seconds(date);
              }
            }
            for (const field of root.querySelectorAll("input[data-instant]")) {
              if (field.dataset.local) continue;
              field.dataset.local = "yes";
              const date = new Date(field.value + "Z");
              if (Number.isNaN(date.getTime())) continue;
              field.value = day(date) + "T" + seconds(date);
              const zone = field.parentElement.querySelector(".zone");
              if (zone) zone.textContent = "(your time)";
            }
          }

          // Fields of a time hold the reader's own time; the address holds milliseconds.
          document.addEventListener("submit", (event) => {
            for (const field of event.target.elements) {
              if (!("instant" in field.dataset) || !field.dataset.local) continue;
              const date = new Date(field.value);
              if (Number.isNaN(date.getTime())) continue;
              const hidden = document.createElement("input");
              hidden.type = "hidden";
              hidden.name = field.name;
              hidden.value = String(date.getTime());
              field.removeAttribute("name");
              event.target.append(hidden);
            }
          });

          document.addEventListener("submit", (event) => {
            const question = event.submitter && event.submitter.dataset.confirm;
            if (question && !window.confirm(question)) event.preventDefault();
          });

          document.addEventListener("change", (event) => {
            const form = event.target.closest("form[data-submit-on-change]");
            if (form) form.requestSubmit();
          });

          document.addEventListener("click", (event) => {
            const button = event.target.closest("[data-copy]");
            if (!button) return;
            const code = button.parentElement.querySelector("code");
            navigator.clipboard.writeText(code.textContent).then(() => {
              button.textContent = "Copied";
              setTimeout(() => { button.textContent = "Copy"; }, 1500);
            });
          });

          document.addEventListener("keydown", (event) => {
            const typing = event.target.closest("input, select, textarea, [contenteditable]");
            if (event.key === "Escape" && typing) typing.blur();
            if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
            const search = document.getElementById("search");
            if (!search) return;
            event.preventDefault();
            search.focus();
            search.select();
          });

          // Refreshing would close what the reader has opened or take the focus away.
          document.addEventListener("htmx:beforeRequest", (event) => {
            const element = event.detail.elt;
            if (element.id !== "results" || event.detail.requestConfig.triggeringEvent) return;
            const busy = element.querySelector("details[open]") || document.hidden
              || element.contains(document.activeElement) || String(document.getSelection()) !== "";
            if (busy) event.preventDefault();
          });

          const units = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
          function short(value) {
            if (value === null || value === undefined) return "–";
            const size = Math.abs(value);
            for (const [unit, name] of units) {
              if (size >= unit) return Number((value / unit).toPrecision(3)) + " " + name;
            }
            return String(Number(value.toPrecision(3)));
          }

          function draw(root) {
            if (!window.uPlot) return;
            for (const element of root.querySelectorAll("[data-chart]")) {
              if (element.dataset.drawn) continue;
              element.dataset.drawn = "yes";
              let data;
              try { data = JSON.parse(element.dataset.chart); } catch { continue; }
              const colour = (name) =>
                getComputedStyle(document.documentElement).getPropertyValue(name).trim();
              const axis = {
                stroke: () => colour("--faint"),
                grid: { stroke: () => colour("--line"), width: 1 },
                ticks: { stroke: () => colour("--line"), width: 1 },
                font: "12px system-ui, sans-serif",
              };
              const fallback = element.querySelector(".plot-fallback");
              const plot = new window.uPlot({
                width: Math.max(280, element.clientWidth - 32),
                height: 280,
                cursor: { points: { size: 6 } },
                scales: { y: { range: (_, low, high) => {
                  const bottom = Math.min(0, low), top = high > bottom ? high : bottom + 1;
                  return [bottom, top + (top - bottom) * 0.08];
                } } },
                axes: [
                  { ...axis, space: 80, values: [
                    [86400, "{YYYY}-{MM}-{DD}", null, null, null, null, null, null, 1],
                    [60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
                    [1, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
                  ] },
                  { ...axis, size: 64, values: (_, ticks) => ticks.map(short) },
                ],
                series: [
                  { value: "{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}", label: "Time" },
                  ...data.lines.map((line, index) => ({
                    label: line.name,
                    stroke: () => colour("--c" + index % 8),
                    width: 1.6,
                    value: (_, value) => short(value),
                    points: { show: data.times.length < 3 ? true : undefined, size: 4 },
                  })),
                ],
                legend: { show: data.lines.length <= 8 },
              }, [data.times, ...data.lines.map((line) => line.values)], element);
              if (fallback) fallback.remove();
              new ResizeObserver(() => {
                const width = Math.max(280, element.clientWidth - 32);
                if (Math.abs(width - plot.width) > 4) plot.setSize({ width, height: 280 });
              }).observe(element);
              window.matchMedia("(prefers-color-scheme: dark)")
                .addEventListener("change", () => plot.redraw(false, true));
            }
          }

          function refresh(root) {
            localize(root);
            draw(root);
          }
          document.addEventListener("htmx:afterSettle", () => refresh(document));
          if (document.readyState === "loading") {
            document.addEventListener("DOMContentLoaded", () => refresh(document));
          } else {
            refresh(document);
          }
        })();

        """#
}
