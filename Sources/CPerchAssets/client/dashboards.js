// Dashboards: refreshing, full screen, sharing, import, and editing in place. Panels fetch their
// content by htmx when they come into view.
(() => {
  const page = () => document.querySelector("[data-dashboard]");
  const api = (uid, rest = "") => "/api/v1/dashboards/" + encodeURIComponent(uid) + rest;

  async function send(method, path, body) {
    const response = await fetch(path, {
      method, body, headers: body === undefined ? {} : { "Content-Type": "application/json" },
    });
    const text = await response.text();
    let answer = {};
    try { answer = text ? JSON.parse(text) : {}; } catch { /* an error page */ }
    if (!response.ok) throw new Error(answer.error ?? `the server answered ${response.status}`);
    return answer;
  }

  // ---- refreshing

  let timer;
  const millis = (text) => {
    const parts = /^(\d+)(ms|s|m|h|d)$/.exec(text);
    return parts ? Number(parts[1]) * { ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 }[parts[2]] : 0;
  };
  function refreshAll() {
    if (document.hidden || document.querySelector("dialog[open]")) return;
    for (const body of document.querySelectorAll(".panel-body")) {
      const box = body.getBoundingClientRect();
      if (box.bottom > -200 && box.top < innerHeight + 200 && window.htmx) {
        window.htmx.trigger(body, "perch-refresh");
      }
    }
  }
  function schedule(text) {
    clearInterval(timer);
    const every = millis(text);
    if (every >= 1000) timer = setInterval(refreshAll, every);
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-refresh-choice]")) schedule(event.target.value);
  });

  // Values of variables show at once; a list of several waits for its reader to leave it.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-variables]");
    if (form && event.target.matches("select:not([multiple])")) form.requestSubmit();
  });

  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-full-screen]")) {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen();
    }
    if (event.target.closest("[data-shares]")) shares();
    if (event.target.closest("[data-delete-dashboard]")) {
      if (!window.confirm("Delete this dashboard?")) return;
      try {
        await send("DELETE", api(page().dataset.dashboard));
        location.assign("/dashboards");
      } catch (failure) { perch.toast(failure.message, true); }
    }
    if (event.target.closest("[data-new-dashboard]")) {
      const title = window.prompt("Name of the dashboard");
      if (!title) return;
      try {
        const { uid } = await send("POST", "/api/v1/dashboards?version=0",
          JSON.stringify({ title, schemaVersion: 41, panels: [], time: { from: "now-6h", to: "now" } }, null, 2));
        location.assign("/d/" + encodeURIComponent(uid) + "?edit=1");
      } catch (failure) { perch.toast(failure.message, true); }
    }
  });
  document.addEventListener("change", async (event) => {
    if (!event.target.matches("[data-import-dashboard]")) return;
    let last = null;
    for (const file of event.target.files) {
      try { last = await send("POST", "/api/v1/dashboards", await file.text()); }
      catch (failure) { perch.toast(file.name + ": " + failure.message, true); }
    }
    if (last) location.assign(event.target.files.length > 1 ? "/dashboards" : "/d/" + encodeURIComponent(last.uid));
  });

  // ---- read-only links

  async function shares(fresh) {
    const dialog = document.getElementById("share-links"), uid = page().dataset.dashboard;
    const attempt = (work) => async () => {
      try { await work(); } catch (failure) { perch.toast(failure.message, true); }
    };
    try {
      const { links } = await send("GET", api(uid, "/share"));
      const rows = links.map((link) => {
        const revoke = element("button", { type: "button" }, "Take back");
        revoke.addEventListener("click", attempt(async () => {
          await send("DELETE", api(uid, "/share/" + encodeURIComponent(link.id)));
          shares();
        }));
        const made = new Date(link.created);
        return element("li", {}, element("span", {},
          `Made ${perch.day(made)} ${perch.clock(made)}${link.author ? " by " + link.author : ""}`), revoke);
      });
      const make = element("button", { type: "button", className: "primary" }, "Make a link");
      make.addEventListener("click", attempt(async () => {
        const { path } = await send("POST", api(uid, "/share"));
        const address = location.origin + path + location.search;
        await navigator.clipboard.writeText(address).catch(() => {});
        shares(address);
      }));
      const all = element("button", { type: "button", className: "danger", hidden: links.length < 2 }, "Take all back");
      all.addEventListener("click", attempt(async () => {
        await send("DELETE", api(uid, "/share"));
        shares();
      }));
      const close = element("button", { type: "button" }, "Close");
      close.dataset.closes = "";
      const shown = element("input", { readOnly: true, value: fresh ?? "" });
      dialog.replaceChildren(
        element("header", {}, element("h2", {}, "Read-only links")),
        element("p", {}, "Who has one sees this dashboard and nothing else, without a login."),
        ...(fresh ? [field("The new link; it is not shown again", shown)] : []),
        links.length ? element("ul", { className: "share-links" }, ...rows)
          : element("p", { className: "faint" }, "There are none."),
        element("p", { className: "links" }, make, all, close));
      if (!dialog.open) dialog.showModal();
      if (fresh) shown.select();
    } catch (failure) { perch.toast(failure.message, true); }
  }

  // ---- editing

  let model = null, isChanged = false;
  const allPanels = () => (model.panels ?? []).flatMap((panel) =>
    panel.type === "row" ? [panel, ...(panel.panels ?? [])] : [panel]);
  const find = (id) => allPanels().find((panel) => String(panel.id) === String(id));
  const changed = () => {
    isChanged = true;
    const state = document.querySelector("[data-edit-state]");
    if (state) state.textContent = "Changed; not saved yet.";
  };
  window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });

  async function save() {
    const root = page();
    try {
      // One that nobody has saved yet is at 0: who saves it first wins.
      const version = "?version=" + encodeURIComponent(root.dataset.version || "0");
      await send("PUT", api(root.dataset.dashboard, version), JSON.stringify(model, null, 2));
      isChanged = false;
      location.reload();
    } catch (failure) { perch.toast(failure.message, true); }
  }

  function nextID() { return Math.max(0, ...allPanels().map((panel) => Number(panel.id) || 0)) + 1; }

  function addPanel() {
    const bottom = Math.max(0, ...allPanels().map((panel) => {
      const place = panel.gridPos ?? { y: 0, h: 8 };
      return place.y + place.h;
    }));
    const panel = {
      id: nextID(), type: "timeseries", title: "New panel",
      gridPos: { x: 0, y: bottom, w: 12, h: 8 }, targets: [{ refId: "A", expr: "" }],
      fieldConfig: { defaults: {}, overrides: [] }, options: {},
    };
    model.panels = [...(model.panels ?? []), panel];
    changed();
    edit(panel, true);
  }

  const kinds = [["timeseries", "Time series"], ["stat", "Stat"], ["gauge", "Gauge"],
    ["bargauge", "Bar gauge"], ["barchart", "Bar chart"], ["piechart", "Pie"], ["table", "Table"],
    ["heatmap", "Heatmap"], ["histogram", "Histogram"], ["state-timeline", "State timeline"],
    ["logs", "Logs"], ["text", "Text"]];
  const units = [["", "by itself"], ["short", "short number"], ["percent", "percent (0-100)"],
    ["percentunit", "percent (0-1)"], ["s", "seconds"], ["ms", "milliseconds"], ["bytes", "bytes"],
    ["Bps", "bytes a second"], ["reqps", "requests a second"], ["ops", "operations a second"],
    ["currencyEUR", "euro"], ["currencyUSD", "dollar"], ["none", "none"]];

  function element(name, properties = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key in made) made[key] = value;
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }
  const field = (words, control) =>
    element("label", { className: "field wide" }, element("span", {}, words), control);
  const choose = (options, value) => {
    const known = options.some((option) => option[0] === value);
    return element("select", {}, ...[...options, ...(known ? [] : [[value, value]])].map(([id, words]) =>
      element("option", { value: id, selected: id === value }, words)));
  };

  // The object that a text says; undefined, and words about it, when it says none.
  function readObject(text) {
    let made;
    try { made = JSON.parse(text); } catch (failure) {
      perch.toast("Not JSON: " + failure.message, true);
      return undefined;
    }
    if (made !== null && typeof made === "object" && !Array.isArray(made)) return made;
    perch.toast("This must be an object: { … }", true);
    return undefined;
  }

  function edit(panel, isNew) {
    const dialog = document.getElementById("panel-editor");
    const title = element("input", { value: panel.title ?? "" });
    const type = choose(kinds, panel.type);
    const unit = choose(units, panel.fieldConfig?.defaults?.unit ?? "");
    const description = element("input", { value: panel.description ?? "" });
    const text = element("textarea", { rows: 6, value: panel.options?.content ?? "" });
    const queries = element("div", {});
    const addQuery = (target) => {
      const index = queries.children.length;
      const expr = element("textarea", { rows: 2, value: target.expr ?? "", id: "edit-expr-" + index, spellcheck: false });
      expr.setAttribute("aria-label", "Query " + (target.refId ?? ""));
      const legend = element("input", { value: target.legendFormat ?? "", placeholder: "{{route}}" });
      const remove = element("button", { type: "button", className: "plain" }, "Remove");
      const box = element("div", { className: "edit-query" },
        element("div", { className: "query-box" }, expr), field("Legend", legend), remove);
      box.perchTarget = target;
      box.perchRead = () => {
        target.expr = expr.value;
        target.legendFormat = legend.value;
      };
      remove.addEventListener("click", () => box.remove());
      queries.append(box);
      if (perch.completePromQL) perch.completePromQL(expr);
    };
    for (const target of panel.targets ?? []) addQuery(target);
    const more = element("button", { type: "button" }, "Add a query");
    more.addEventListener("click", () => addQuery({
      refId: String.fromCharCode(65 + queries.children.length), expr: "",
      ...(panel.targets?.[0]?.datasource ? { datasource: panel.targets[0].datasource } : {}),
    }));
    const form = element("form", { method: "dialog" });
    const done = element("button", { className: "primary" }, "Take over");
    const cancel = element("button", { type: "button" }, "Cancel");
    const remove = element("button", { type: "button", className: "danger" }, "Delete panel");
    const source = element("textarea", { rows: 10, spellcheck: false, value: JSON.stringify(panel, null, 2) });
    let usesSource = false;
    source.addEventListener("input", () => { usesSource = true; });
    form.append(field("Title", title), field("Kind", type), field("Unit", unit),
      field("Description", description),
      ...(panel.type === "text" ? [field("Text (Markdown)", text)] : [element("h3", {}, "Queries"), queries, more]),
      element("details", {}, element("summary", {}, "Panel as JSON"), source),
      element("p", { className: "links" }, done, cancel, remove));
    cancel.addEventListener("click", () => dialog.close());
    remove.addEventListener("click", () => {
      model.panels = model.panels.filter((other) => other !== panel);
      for (const row of model.panels) {
        if (row.panels) row.panels = row.panels.filter((other) => other !== panel);
      }
      document.querySelector(`[data-panel="${CSS.escape(String(panel.id))}"]`)?.remove();
      changed();
      dialog.close();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (usesSource) {
        const made = readObject(source.value);
        if (!made) return;
        for (const name of Object.keys(panel)) delete panel[name];
        Object.assign(panel, made);
      } else {
        panel.title = title.value;
        panel.type = type.value;
        panel.description = description.value || undefined;
        panel.fieldConfig ??= { defaults: {}, overrides: [] };
        panel.fieldConfig.defaults ??= {};
        panel.fieldConfig.defaults.unit = unit.value || undefined;
        if (panel.type === "text") {
          panel.options = { ...(panel.options ?? {}), mode: "markdown", content: text.value };
        } else {
          panel.targets = [...queries.children].map((box) => {
            box.perchRead();
            return box.perchTarget;
          });
        }
      }
      changed();
      dialog.close();
      const shown = document.querySelector(`[data-panel="${CSS.escape(String(panel.id))}"] h3`);
      if (shown) shown.textContent = panel.title;
      if (isNew) save();
      else perch.toast("Taken over; save to see it.");
    });
    dialog.replaceChildren(element("header", {}, element("h2", {}, "Edit panel")), form);
    dialog.showModal();
    title.focus();
  }

  function editSource() {
    const dialog = document.getElementById("panel-editor");
    const source = element("textarea", { rows: 30, spellcheck: false, value: JSON.stringify(model, null, 2) });
    source.setAttribute("aria-label", "Dashboard as JSON");
    const form = element("form", { method: "dialog" }, source,
      element("p", { className: "links" }, element("button", { className: "primary" }, "Take over and save")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const made = readObject(source.value);
      if (!made) return;
      model = made;
      dialog.close();
      save();
    });
    dialog.replaceChildren(element("header", {}, element("h2", {}, "Dashboard as JSON")), form);
    dialog.showModal();
  }

  // Places are classes: x of 24 columns, w wide, y from the row's top, h high.
  function place(section, panel) {
    const { x, w, h } = panel.gridPos;
    const y = panel.gridPos.y - section.perchTop;
    const kept = [...section.classList].filter((name) => !/^([xyh]\d+|w\d+c)$/.test(name));
    section.className = [...kept, `x${x}`, `w${w}c`, `y${Math.max(0, y)}`, `h${h}`].join(" ");
  }
  const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

  function makeMovable(section, panel) {
    panel.gridPos ??= { x: 0, y: 0, w: 12, h: 8 };
    const shown = [...section.classList].map((name) => /^y(\d+)$/.exec(name)).find(Boolean);
    section.perchTop = panel.gridPos.y - Number(shown ? shown[1] : 0);
    section.tabIndex = 0;
    const head = section.querySelector("header");
    const button = element("button", { type: "button", className: "plain" }, "Edit");
    button.addEventListener("click", () => edit(panel, false));
    head.append(button);
    const handle = element("span", { className: "resize" });
    handle.setAttribute("aria-hidden", "true");
    section.append(handle);
    const cell = () => {
      const grid = section.parentElement.getBoundingClientRect();
      return { width: (grid.width + 8) / 24, height: 38 };
    };
    const drag = (start, isResize) => {
      start.preventDefault();
      const before = { ...panel.gridPos }, size = cell();
      const move = (event) => {
        const dx = Math.round((event.clientX - start.clientX) / size.width);
        const dy = Math.round((event.clientY - start.clientY) / size.height);
        if (isResize) {
          panel.gridPos.w = clamp(before.w + dx, 2, 24 - before.x);
          panel.gridPos.h = clamp(before.h + dy, 2, 40);
        } else {
          panel.gridPos.x = clamp(before.x + dx, 0, 24 - before.w);
          panel.gridPos.y = Math.max(section.perchTop, before.y + dy);
        }
        place(section, panel);
      };
      const end = () => {
        document.removeEventListener("pointermove", move);
        document.removeEventListener("pointerup", end);
        changed();
      };
      document.addEventListener("pointermove", move);
      document.addEventListener("pointerup", end);
    };
    head.addEventListener("pointerdown", (event) => {
      if (!event.target.closest("a, button")) drag(event, false);
    });
    handle.addEventListener("pointerdown", (event) => drag(event, true));
    section.addEventListener("keydown", (event) => {
      if (event.target !== section) return;
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (event.key === "Enter") { edit(panel, false); return; }
      if (!step) return;
      event.preventDefault();
      const spot = panel.gridPos;
      if (event.shiftKey) {
        spot.w = clamp(spot.w + step[0], 2, 24 - spot.x);
        spot.h = clamp(spot.h + step[1], 2, 40);
      } else {
        spot.x = clamp(spot.x + step[0], 0, 24 - spot.w);
        spot.y = Math.max(section.perchTop, spot.y + step[1]);
      }
      place(section, panel);
      changed();
    });
  }

  async function beginEditing(root) {
    try {
      const file = await send("GET", api(root.dataset.dashboard));
      model = file.dashboard ?? file;
    } catch (failure) { perch.toast(failure.message, true); return; }
    // Panels of a file without ids get those that the page shows.
    let id = 0;
    for (const panel of allPanels()) {
      id += 1;
      panel.id ??= id;
    }
    for (const section of root.querySelectorAll("[data-panel]")) {
      const panel = find(section.dataset.panel);
      if (panel && !section.perchTop) makeMovable(section, panel);
    }
    root.querySelector("[data-add-panel]").addEventListener("click", addPanel);
    root.querySelector("[data-edit-json]").addEventListener("click", editSource);
    root.querySelector("[data-save-dashboard]").addEventListener("click", save);
  }

  // Colours of words and cells may be any, so no style sheet has them.
  function colour() {
    for (const element of document.querySelectorAll("[data-ink]:not([style])")) {
      element.style.color = element.dataset.ink;
    }
    for (const element of document.querySelectorAll("[data-ground]:not([style])")) {
      element.style.setProperty("--ground", element.dataset.ground);
    }
  }

  let begun = false;
  perch.onContent(() => {
    colour();
    const root = page();
    if (!root || begun) return;
    begun = true;
    schedule(root.dataset.refresh ?? "");
    if (root.dataset.editing) beginEditing(root);
  });
})();
