// The PromQL editor: completion of metrics, labels, values and functions, more than one query, and
// the filter of the catalogue.
(() => {
  const functions = ["abs", "absent", "avg", "avg_over_time", "bottomk", "ceil", "changes", "clamp",
    "count", "count_over_time", "count_values", "day_of_week", "delta", "deriv", "floor",
    "group", "histogram_avg", "histogram_count", "histogram_quantile", "hour", "idelta", "increase",
    "irate", "label_join", "label_replace", "last_over_time", "max", "max_over_time", "min",
    "min_over_time", "minute", "predict_linear", "quantile", "quantile_over_time", "rate", "resets",
    "round", "scalar", "sort", "sort_desc", "stddev", "stddev_over_time", "stdvar", "sum",
    "sum_over_time", "time", "timestamp", "topk", "vector"];
  const words = ["by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool",
    "and", "or", "unless"];
  const cache = new Map();

  function ask(path) {
    if (!cache.has(path)) {
      cache.set(path, fetch(path).then((response) => response.json())
        .then((answer) => answer.data ?? []).catch(() => []));
    }
    return cache.get(path);
  }

  // What stands before the cursor: within braces a label or its value, else a name.
  function place(text) {
    const open = text.lastIndexOf("{");
    if (open > text.lastIndexOf("}")) {
      const name = (/([a-zA-Z_:][\w:]*)\s*$/.exec(text.slice(0, open)) ?? [])[1] ?? "";
      const inside = text.slice(open + 1);
      const value = /([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"([^"]*)$/.exec(inside);
      if (value) return { kind: "value", name, label: value[1], part: value[2] };
      if ((inside.match(/"/g) ?? []).length % 2 === 0) {
        return { kind: "label", name, part: (/[a-zA-Z_]\w*$/.exec(inside) ?? [""])[0] };
      }
      return null;
    }
    const by = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)$/.exec(text);
    if (by) return { kind: "label", name: "", part: (/\w*$/.exec(by[1]) ?? [""])[0] };
    if (/\[[^\]]*$/.test(text)) return null;
    return { kind: "name", part: (/[a-zA-Z_:][\w:]*$/.exec(text) ?? [""])[0] };
  }

  async function options(at) {
    const match = at.name ? "?match[]=" + encodeURIComponent(at.name) : "";
    if (at.kind === "value") {
      const values = await ask(`/api/v1/label/${encodeURIComponent(at.label)}/values${match}`);
      return values.map((word) => ({ word, kind: "value" }));
    }
    if (at.kind === "label") {
      const names = await ask("/api/v1/labels" + match);
      return names.filter((word) => word !== "__name__").map((word) => ({ word, kind: "label" }));
    }
    if (at.part.length < 1) return [];
    const names = await ask("/api/v1/label/__name__/values");
    return [
      ...functions.map((word) => ({ word, kind: "function", after: "(" })),
      ...words.map((word) => ({ word, kind: "word" })),
      ...names.map((word) => ({ word, kind: "metric" })),
    ];
  }

  const rank = (word, part) => {
    const lower = word.toLowerCase(), wanted = part.toLowerCase();
    if (lower === wanted) return -1;
    if (lower.startsWith(wanted)) return 0;
    return lower.includes(wanted) ? 1 : 9;
  };

  // A list under a text field; Tab or Enter takes the chosen word.
  function complete(field) {
    if (field.dataset.completes) return;
    field.dataset.completes = "yes";
    let list = null, rows = [], chosen = -1, at = null, asked = 0;
    const close = () => {
      if (list) list.remove();
      list = null;
      rows = [];
      field.removeAttribute("aria-activedescendant");
      field.setAttribute("aria-expanded", "false");
    };
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-expanded", "false");
    // An answer still under way must not open the list again.
    const dismiss = () => {
      asked += 1;
      close();
    };
    const choose = (index) => {
      chosen = index;
      if (index < 0) field.removeAttribute("aria-activedescendant");
      [...list.children].forEach((item, place) => {
        item.setAttribute("aria-selected", String(place === index));
        if (place === index) {
          item.scrollIntoView({ block: "nearest" });
          field.setAttribute("aria-activedescendant", item.id);
        }
      });
    };
    const take = (row) => {
      // The text may have gone on since the list was made.
      const cursor = field.selectionStart;
      const here = place(field.value.slice(0, cursor));
      dismiss();
      if (!here || here.kind !== at.kind || rank(row.word, here.part) > 1) return;
      field.setRangeText(row.word + (row.after ?? ""), cursor - here.part.length, cursor, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    async function show() {
      const mine = ++asked;
      const here = place(field.value.slice(0, field.selectionStart));
      const all = here ? await options(here) : [];
      if (mine !== asked) return;
      at = here;
      if (document.activeElement !== field || !at) return close();
      rows = all.map((row) => ({ ...row, rank: rank(row.word, at.part) }))
        .filter((row) => row.rank < 9 && row.rank >= 0)
        .sort((one, other) => one.rank - other.rank || one.word.length - other.word.length)
        .slice(0, 12);
      const exact = all.filter((row) => row.word === at.part);
      if (!rows.length || exact.some((row) => row.kind !== "metric")) return close();
      if (!list) {
        list = document.createElement("ul");
        list.className = "suggestions";
        list.id = field.id + "-list";
        list.setAttribute("role", "listbox");
        list.setAttribute("aria-label", "Completions");
        field.setAttribute("aria-controls", list.id);
        field.parentElement.append(list);
      }
      field.setAttribute("aria-expanded", "true");
      list.replaceChildren(...rows.map((row, index) => {
        const item = document.createElement("li");
        item.id = list.id + index;
        item.setAttribute("role", "option");
        const word = document.createElement("span");
        word.textContent = row.word;
        const kind = document.createElement("span");
        kind.className = "kind";
        kind.textContent = row.kind;
        item.append(word, kind);
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(row);
        });
        return item;
      }));
      // Enter after a whole name asks; the longer ones take an arrow key first.
      choose(exact.length ? -1 : 0);
    }
    field.addEventListener("input", show);
    field.addEventListener("click", dismiss);
    field.addEventListener("blur", () => setTimeout(close, 100));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        field.form.requestSubmit();
      } else if (list && ["ArrowDown", "ArrowUp"].includes(event.key)) {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        const from = chosen < 0 && step < 0 ? 0 : chosen;
        choose((from + step + rows.length) % rows.length);
      } else if (list && ["Tab", "Enter"].includes(event.key) && rows[chosen]) {
        event.preventDefault();
        take(rows[chosen]);
      } else if (list && event.key === "Escape") {
        event.preventDefault();
        dismiss();
      } else if (["ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown"].includes(event.key)) {
        dismiss();
      } else if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        field.form.requestSubmit();
      }
    });
  }

  perch.onContent((root) => {
    for (const field of root.querySelectorAll("[data-promql] textarea")) complete(field);
  });
  perch.completePromQL = complete;

  document.addEventListener("click", (event) => {
    const adder = event.target.closest("[data-add-query]");
    if (adder) {
      const form = adder.closest("form");
      const last = [...form.querySelectorAll(".query")].pop();
      const next = last.cloneNode(true);
      const count = form.querySelectorAll(".query").length;
      const letter = String.fromCharCode(65 + count % 26);
      const field = next.querySelector("textarea");
      for (const list of next.querySelectorAll(".suggestions")) list.remove();
      field.value = "";
      field.textContent = "";
      field.id = "expr-" + count;
      delete field.dataset.completes;
      field.setAttribute("aria-label", `Query ${letter}, in PromQL`);
      const label = next.querySelector("label");
      label.htmlFor = field.id;
      label.textContent = letter;
      label.className = "c" + count % 8;
      if (!next.querySelector("[data-remove-query]")) {
        const remove = document.createElement("button");
        remove.type = "button";
        remove.className = "plain";
        remove.dataset.removeQuery = "";
        remove.textContent = "Remove";
        next.append(remove);
      }
      last.after(next);
      complete(field);
      field.focus();
    }
    const remover = event.target.closest("[data-remove-query]");
    if (remover) remover.closest(".query").remove();
  });

  // `data-filter` hides the rows of a table that lack the words typed.
  document.addEventListener("input", (event) => {
    const target = event.target.dataset && event.target.dataset.filter;
    if (!target) return;
    const wanted = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of document.querySelectorAll(target + " tbody tr")) {
      const text = row.textContent.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
    }
  });
})();
