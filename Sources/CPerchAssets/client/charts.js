// Charts over time. An element with `data-chart` holds the drawing's data as JSON; what its members
// mean stands beside the writer (PerchWeb, ChartWriter).
(() => {
  const colourOf = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  // "3" is a colour of the palette, "#12ab34" itself, "--bad" a token.
  function resolve(colour) {
    const probe = document.createElement("i");
    if (colour.startsWith("#")) return colour;
    probe.style.color = colour.startsWith("--") ? `var(${colour})` : `var(--c${Number(colour) % 8})`;
    document.body.append(probe);
    const result = getComputedStyle(probe).color;
    probe.remove();
    return result;
  }
  const fade = (colour, share) => {
    const parts = colour.match(/[\d.]+/g);
    if (colour.startsWith("#")) {
      return colour.slice(0, 7) + Math.round(share * 255).toString(16).padStart(2, "0");
    }
    return `rgb(${parts[0]} ${parts[1]} ${parts[2]} / ${share})`;
  };

  // A number in a unit: {steps: [[factor, suffix], …] ascending, prefix, decimals}.
  function show(value, unit, digits) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    const size = Math.abs(value);
    let chosen = [1, ""];
    const steps = unit && unit.steps && unit.steps.length ? unit.steps
      : [[1, ""], [1e3, " k"], [1e6, " M"], [1e9, " G"], [1e12, " T"]];
    chosen = steps[0];
    for (const step of steps) if (size >= step[0] * 0.99999) chosen = step;
    if (size === 0) chosen = steps.find((step) => step[0] >= 1) ?? steps[0];
    const scaled = value / chosen[0];
    const fixed = unit && Number.isInteger(unit.decimals) ? unit.decimals : null;
    let text;
    if (fixed !== null) text = scaled.toFixed(fixed);
    else if (Math.abs(scaled) >= 1000) text = String(Math.round(scaled));
    else text = String(Number(scaled.toPrecision(digits ?? 3)));
    return (unit && unit.prefix ? unit.prefix : "") + text + chosen[1];
  }

  // A few ticks of a clock or calendar.
  const timeAxis = [
    [86400 * 28, "{YYYY}-{MM}", null, null, null, null, null, null, 1],
    [86400, "{MM}-{DD}", "\n{YYYY}", null, null, null, null, null, 1],
    [60, "{HH}:{mm}", "\n{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
    [1, "{HH}:{mm}:{ss}", "\n{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  ];

  // Sums of stacked lines, each group for itself; gaps count as nothing.
  function stacked(lines, hidden) {
    const sums = new Map();
    return lines.map((line, index) => {
      if (!line.k || hidden.has(index)) return line.v;
      const below = sums.get(line.k) ?? new Array(line.v.length).fill(0);
      const result = line.v.map((value, at) => below[at] + (value ?? 0));
      sums.set(line.k, result);
      return result;
    });
  }

  // Where a point stands; what lies beyond the axis stands at its end.
  const height = (plot, point, ofCanvas) => {
    const at = plot.valToPos(point.v, "y", ofCanvas), rim = ofCanvas ? 5 * (window.devicePixelRatio || 1) : 5;
    const top = ofCanvas ? plot.bbox.top : 0;
    const bottom = top + (ofCanvas ? plot.bbox.height : plot.over.clientHeight);
    return Math.min(Math.max(at, top + rim), bottom - rim);
  };

  function marks(chart) {
    return (plot) => {
      const { ctx, bbox } = plot;
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      const ratio = window.devicePixelRatio || 1;
      for (const limit of chart.limits ?? []) {
        const at = plot.valToPos(limit.v, "y", true);
        const colour = resolve(limit.c);
        if (limit.fill) {
          const to = limit.to === undefined ? bbox.top : plot.valToPos(limit.to, "y", true);
          ctx.fillStyle = fade(colour, 0.1);
          ctx.fillRect(bbox.left, Math.min(at, to), bbox.width, Math.abs(to - at));
        }
        if (limit.line !== false) {
          ctx.strokeStyle = colour;
          ctx.lineWidth = ratio;
          ctx.setLineDash([6 * ratio, 4 * ratio]);
          ctx.beginPath();
          ctx.moveTo(bbox.left, at);
          ctx.lineTo(bbox.left + bbox.width, at);
          ctx.stroke();
        }
      }
      for (const mark of chart.marks ?? []) {
        const at = plot.valToPos(mark.t, "x", true);
        const colour = resolve(mark.c ?? "--accent");
        if (mark.e) {
          ctx.fillStyle = fade(colour, 0.12);
          ctx.fillRect(at, bbox.top, plot.valToPos(mark.e, "x", true) - at, bbox.height);
        }
        ctx.strokeStyle = colour;
        ctx.lineWidth = 1.5 * ratio;
        ctx.setLineDash([3 * ratio, 3 * ratio]);
        ctx.beginPath();
        ctx.moveTo(at, bbox.top);
        ctx.lineTo(at, bbox.top + bbox.height);
        ctx.stroke();
        ctx.setLineDash([]);
        ctx.fillStyle = colour;
        ctx.beginPath();
        ctx.moveTo(at - 5 * ratio, bbox.top + bbox.height);
        ctx.lineTo(at + 5 * ratio, bbox.top + bbox.height);
        ctx.lineTo(at, bbox.top + bbox.height - 8 * ratio);
        ctx.fill();
      }
      ctx.setLineDash([]);
      for (const point of chart.points ?? []) {
        const x = plot.valToPos(point.t, "x", true), y = height(plot, point, true);
        const colour = resolve(point.c ?? "--warm");
        // Many points of a scatter lie upon each other.
        ctx.fillStyle = chart.dots ? fade(colour, 0.55) : colour;
        ctx.beginPath();
        const size = (point.s ?? (chart.dots ? 3 : 4)) * ratio;
        if (chart.dots) ctx.arc(x, y, size, 0, 7);
        else {
          ctx.moveTo(x, y - size);
          ctx.lineTo(x + size, y);
          ctx.lineTo(x, y + size);
          ctx.lineTo(x - size, y);
        }
        ctx.fill();
      }
      ctx.restore();
    };
  }

  // The point or mark nearest to a place of the drawing, within some pixels.
  function nearest(plot, chart, left, top) {
    let best = null, distance = 144;
    for (const point of chart.points ?? []) {
      const dx = plot.valToPos(point.t, "x") - left, dy = height(plot, point, false) - top;
      if (dx * dx + dy * dy < distance) { distance = dx * dx + dy * dy; best = point; }
    }
    if (best) return best;
    for (const mark of chart.marks ?? []) {
      const dx = plot.valToPos(mark.t, "x") - left;
      if (dx * dx < 36 && top > plot.over.clientHeight - 24) return mark;
    }
    return null;
  }

  function tooltip(chart, hidden) {
    let box;
    return {
      hooks: {
        init(plot) {
          box = document.createElement("div");
          box.className = "tip";
          box.hidden = true;
          plot.over.append(box);
          plot.over.addEventListener("mouseleave", () => { box.hidden = true; });
          plot.over.addEventListener("click", (event) => {
            const found = nearest(plot, chart, event.offsetX, event.offsetY);
            if (found && found.h && found.h.startsWith("/")) location.assign(found.h);
          });
        },
        setCursor(plot) {
          const { left, top, idx } = plot.cursor;
          if (left < 0 || idx === null || idx === undefined || chart.quiet) { box.hidden = true; return; }
          const found = nearest(plot, chart, left, top);
          const time = found ? found.t : plot.data[0][idx];
          if (time === undefined || time === null) { box.hidden = true; return; }
          const date = new Date(time * 1000);
          box.replaceChildren();
          const head = document.createElement("strong");
          head.textContent = perch.day(date) + " " + perch.seconds(date);
          box.append(head);
          const row = (colour, name, value) => {
            const line = document.createElement("div");
            const dot = document.createElement("i");
            dot.style.background = colour;
            const words = document.createElement("span");
            words.textContent = name;
            const number = document.createElement("b");
            number.textContent = value;
            line.append(dot, words, number);
            box.append(line);
          };
          if (found) {
            row(resolve(found.c ?? (found.v === undefined ? "--accent" : "--warm")), found.x ?? "",
              found.v === undefined ? "" : show(found.v, chart.units[0]));
          } else {
            const rows = chart.lines.map((line, index) => ({ line, index, value: line.v[idx] }))
              .filter((entry) => !hidden.has(entry.index) && entry.value !== null
                && entry.value !== undefined);
            if (!rows.length) { box.hidden = true; return; }
            rows.sort((one, other) => other.value - one.value);
            // The one under the pointer stays among those shown.
            for (const entry of rows.slice(0, 12)) {
              row(resolve(entry.line.c), entry.line.n,
                show(entry.value, chart.units[entry.line.a ?? 0] ?? chart.units[0], 4));
            }
            if (rows.length > 12) row("transparent", `${rows.length - 12} more`, "");
          }
          box.hidden = false;
          const width = box.offsetWidth, room = plot.over.clientWidth;
          box.style.left = Math.max(0, left + 14 + width > room ? left - width - 14 : left + 14) + "px";
          box.style.top = Math.max(0, Math.min(top - 10, plot.over.clientHeight - box.offsetHeight)) + "px";
        },
      },
    };
  }

  function seriesOf(line) {
    const paths = window.uPlot.paths;
    const style = line.s ?? "line";
    return {
      label: line.n,
      scale: line.a ? "y2" : "y",
      stroke: () => resolve(line.c),
      width: style === "points" ? 0 : (line.w ?? 1.6),
      fill: line.f || style === "bars" ? () => fade(resolve(line.c), style === "bars" ? Math.max(line.f ?? 0, 0.75) : line.f) : undefined,
      dash: line.d,
      spanGaps: Boolean(line.g),
      paths: style === "bars" ? paths.bars({ size: [0.85, 60], align: line.al ?? 0 })
        : style === "step" ? paths.stepped({ align: -1 })
          : style === "stepAfter" ? paths.stepped({ align: 1 })
            : style === "smooth" ? paths.spline() : style === "points" ? () => null : undefined,
      points: style === "points" ? { show: true, size: line.ps ?? 5, fill: () => resolve(line.c) }
        : line.p ? { show: true, size: line.ps ?? 5 }
          : line.v.length < 3 || line.p === undefined && isSparse(line.v) ? { show: true, size: 4 } : { show: false },
    };
  }
  // Values alone between gaps would not be seen as a line.
  const isSparse = (values) => {
    let alone = 0, some = 0;
    for (let index = 0; index < values.length; index += 1) {
      if (values[index] === null) continue;
      some += 1;
      if ((values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null) alone += 1;
    }
    return some > 0 && alone * 2 >= some;
  };

  function range(chart, axis) {
    return (_, low, high) => {
      if (low === null || high === null || low === undefined) { low = 0; high = 1; }
      const fixedLow = chart.min && chart.min[axis] !== null && chart.min[axis] !== undefined
        ? chart.min[axis] : null;
      const fixedHigh = chart.max && chart.max[axis] !== null && chart.max[axis] !== undefined
        ? chart.max[axis] : null;
      for (const limit of axis === 0 ? chart.limits ?? [] : []) {
        if (limit.show) high = Math.max(high, limit.v);
      }
      let bottom = fixedLow ?? (chart.float ? low : Math.min(0, low));
      let top = fixedHigh ?? high;
      if (!(top > bottom)) top = bottom + (Math.abs(bottom) || 1);
      if (fixedHigh === null) top += (top - bottom) * 0.06;
      if (fixedLow === null && bottom < 0) bottom -= (top - bottom) * 0.06;
      return [bottom, top];
    };
  }

  // Each chart on the page, with what must end when its element goes away.
  const drawn = new Set();
  const redraw = () => {
    for (const { plot } of drawn) plot.redraw(false, true);
  };
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  document.addEventListener("perch:theme", redraw);
  function release() {
    for (const entry of drawn) {
      if (entry.element.isConnected) continue;
      drawn.delete(entry);
      entry.observer.disconnect();
      entry.plot.destroy();
    }
  }

  // While something is selected in a chart, what is around it is not refreshed.
  let busy = null;
  const rest = () => {
    if (busy) busy.removeAttribute("data-busy");
    busy = null;
  };
  for (const name of ["pointerup", "pointercancel", "mouseup", "blur"]) {
    window.addEventListener(name, rest, name !== "blur");
  }

  function draw(element) {
    let chart;
    try { chart = JSON.parse(element.dataset.chart); } catch { return; }
    element.removeAttribute("data-chart");
    element.classList.add("drawn");
    const hidden = new Set();
    const axis = {
      stroke: () => colourOf("--faint") && resolve("--faint"),
      grid: { stroke: () => fade(resolve("--line"), 0.75), width: 1 },
      ticks: { show: false },
      font: "11px system-ui, sans-serif",
    };
    const second = chart.lines.some((line) => line.a);
    const size = () => ({
      width: Math.max(160, element.clientWidth), height: Math.max(60, element.clientHeight),
    });
    const data = () => [chart.t, ...stacked(chart.lines, hidden)];
    const logarithmic = (at) => chart.log && chart.log[at]
      ? { distr: 3, log: chart.log[at] === 2 ? 2 : 10 } : {};
    const valueAxis = (at) => ({
      ...axis, scale: at ? "y2" : "y", side: at ? 1 : 3, grid: at ? { show: false } : axis.grid,
      label: chart.labels && chart.labels[at] ? chart.labels[at] : undefined,
      labelFont: "11px system-ui, sans-serif", labelSize: 18,
      size: (_, values) => 14 + 6.4 * Math.max(3, ...(values ?? []).map((text) => text.length)),
      values: (_, ticks) => ticks.map((tick) => tick === null ? "" : show(tick, chart.units[at] ?? chart.units[0], 4)),
      space: 32, show: !chart.bare,
    });
    const bands = [];
    const above = new Map();
    chart.lines.forEach((line, index) => {
      if (!line.k) return;
      if (above.has(line.k)) bands.push({ series: [index + 1, above.get(line.k) + 1] });
      above.set(line.k, index);
    });
    const plot = new window.uPlot({
      ...size(),
      padding: chart.bare ? [2, 0, 2, 0] : [10, second ? 0 : 12, 0, 0],
      cursor: {
        points: { size: 6 }, drag: { x: true, y: Boolean(chart.brushY), setScale: false },
        sync: chart.alone ? undefined : { key: "page", setSeries: false, scales: ["x", null] },
        y: false, show: !chart.bare,
      },
      select: { show: !chart.bare },
      legend: { show: false },
      scales: {
        x: { time: true, range: () => chart.range },
        y: { ...logarithmic(0), range: logarithmic(0).distr ? undefined : range(chart, 0) },
        ...(second ? { y2: { ...logarithmic(1), range: logarithmic(1).distr ? undefined : range(chart, 1) } } : {}),
      },
      axes: [
        { ...axis, space: 70, values: timeAxis, size: 34, show: !chart.bare },
        valueAxis(0), ...(second ? [valueAxis(1)] : []),
      ],
      bands,
      series: [{}, ...chart.lines.map(seriesOf)],
      plugins: [tooltip(chart, hidden), { hooks: { draw: marks(chart) } }],
      hooks: {
        setSelect: [(plot) => {
          const { left, width, top, height } = plot.select;
          if (width > 4) {
            const detail = { from: plot.posToVal(left, "x"), to: plot.posToVal(left + width, "x") };
            if (chart.brushY && height > 4) {
              detail.high = plot.posToVal(top, "y");
              detail.low = plot.posToVal(top + height, "y");
            }
            const event = new CustomEvent("perch:brush", { bubbles: true, cancelable: true, detail });
            if (element.dispatchEvent(event)) perch.showRange(detail.from, detail.to);
          }
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        }],
      },
    }, data(), element);
    if (!chart.bare) plot.over.addEventListener("mousedown", () => {
      busy = element.closest("#results");
      if (busy) busy.dataset.busy = "yes";
    });

    const legend = element.parentElement.querySelector(":scope > .keys, :scope > .scroll > .keys");
    if (legend) {
      legend.addEventListener("click", (event) => {
        const button = event.target.closest("[data-line]");
        if (!button) return;
        event.preventDefault();
        const index = Number(button.dataset.line);
        const only = !event.ctrlKey && !event.metaKey && !event.shiftKey;
        const others = chart.lines.map((_, at) => at).filter((at) => at !== index);
        if (only) {
          const isAlone = others.every((at) => hidden.has(at)) && !hidden.has(index);
          hidden.clear();
          if (!isAlone) for (const at of others) hidden.add(at);
        } else if (hidden.has(index)) hidden.delete(index);
        else hidden.add(index);
        chart.lines.forEach((_, at) => {
          plot.setSeries(at + 1, { show: !hidden.has(at) }, false);
        });
        plot.setData(data());
        for (const item of legend.querySelectorAll("[data-line]")) {
          item.classList.toggle("off", hidden.has(Number(item.dataset.line)));
        }
      });
    }
    const observer = new ResizeObserver(() => {
      const next = size();
      if (Math.abs(next.width - plot.width) > 3 || Math.abs(next.height - plot.height) > 3) {
        plot.setSize(next);
      }
    });
    observer.observe(element);
    drawn.add({ element, plot, observer });
  }

  // Charts far below are drawn when they come near: a page may have many.
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      if (entry.target.dataset.chart && entry.target.isConnected) draw(entry.target);
    }
  }, { rootMargin: "400px" });

  perch.showNumber = show;
  perch.colour = resolve;
  perch.onContent((root) => {
    if (!window.uPlot) return;
    release();
    for (const element of root.querySelectorAll("[data-chart]")) watcher.observe(element);
  });
})();
