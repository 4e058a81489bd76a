// Logs: completion in search boxes (traces use it too), a brush over the counts, what stands beside
// each field of an open record, and the live tail.
(() => {
  const make = (name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // ---- Completion: a list below the box, walked with the arrow keys.

  let boxCount = 0;

  function complete(place) {
    const input = place.querySelector("input");
    if (!input || place.dataset.ready) return;
    place.dataset.ready = "yes";
    const list = make("ul", "suggestions");
    list.id = "completions-" + boxCount++;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Fields and values");
    place.append(list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"],
      ["aria-expanded", "false"], ["aria-controls", list.id]]) input.setAttribute(name, value);
    let options = [], replaced = 0, chosen = -1, asked = 0, timer;

    function close() {
      asked++;
      clearTimeout(timer);
      list.hidden = true;
      chosen = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function choose(index) {
      chosen = index;
      [...list.children].forEach((item, at) => {
        item.setAttribute("aria-selected", String(at === index));
        if (at !== index) return;
        item.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", item.id);
      });
    }

    function take(option) {
      const end = input.selectionStart;
      const before = input.value.slice(0, end - replaced) + option.text;
      const after = input.value.slice(end);
      input.value = before + (after.startsWith(" ") && before.endsWith(" ") ? after.slice(1) : after);
      input.setSelectionRange(before.length, before.length);
      close();
      if (option.text.endsWith(":")) ask();
    }

    async function ask() {
      const mine = ++asked;
      const before = input.value.slice(0, input.selectionStart);
      let answer;
      try {
        const mark = place.dataset.complete.includes("?") ? "&" : "?";
        const response =
          await fetch(place.dataset.complete + mark + "q=" + encodeURIComponent(before));
        if (!response.ok) return;
        answer = await response.json();
      } catch { return; }
      if (mine !== asked || document.activeElement !== input) return;
      options = answer.options;
      replaced = answer.replaced;
      const typed = before.slice(before.length - replaced);
      if (!options.length || (options.length === 1 && options[0].text.trim() === typed)) {
        close();
        return;
      }
      list.replaceChildren(...options.map((option, index) => {
        const item = make("li");
        item.id = list.id + "-" + index;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        item.append(make("span", "words", option.text.trim()), make("span", "kind", option.note));
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(option);
        });
        return item;
      }));
      chosen = -1;
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      input.removeAttribute("aria-activedescendant");
    }

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 120);
    });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && list.hidden) {
        event.preventDefault();
        ask();
        return;
      }
      if (list.hidden) return;
      const count = options.length;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        choose(chosen < 0 ? (step > 0 ? 0 : count - 1) : (chosen + step + count) % count);
      } else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) {
        event.preventDefault();
        take(options[chosen]);
      } else if (event.key === "Escape") {
        event.preventDefault();
        close();
      }
    });
  }

  // ---- The brush over the counts; the arrow keys walk from bar to bar.

  function brush(place) {
    if (place.dataset.ready) return;
    place.dataset.ready = "yes";
    const from = Number(place.dataset.from), to = Number(place.dataset.to);
    const bars = [...place.querySelectorAll("a")];
    bars.forEach((bar, index) => bar.setAttribute("tabindex", index === bars.length - 1 ? "0" : "-1"));
    place.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const at = bars.indexOf(document.activeElement);
      if (!step || at < 0) return;
      event.preventDefault();
      const next = bars[Math.max(0, Math.min(bars.length - 1, at + step))];
      bars[at].setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
    let start = null, area = null;
    const share = (event) => {
      const box = place.getBoundingClientRect();
      return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    };
    place.addEventListener("dragstart", (event) => event.preventDefault());
    place.addEventListener("pointerdown", (event) => {
      if (event.button === 0) start = share(event);
    });
    place.addEventListener("pointermove", (event) => {
      if (start === null) return;
      const now = share(event);
      if (!area) {
        if (Math.abs(now - start) < 0.006) return;
        area = make("div", "brush-area");
        place.append(area);
        place.setPointerCapture(event.pointerId);
        place.closest("#results")?.setAttribute("data-busy", "yes");
      }
      area.style.left = Math.min(start, now) * 100 + "%";
      area.style.width = Math.abs(now - start) * 100 + "%";
    });
    const end = (event) => {
      if (start === null) return;
      const low = Math.min(start, share(event)), high = Math.max(start, share(event));
      const wasBrushed = area !== null;
      area?.remove();
      start = area = null;
      place.closest("#results")?.removeAttribute("data-busy");
      if (!wasBrushed || event.type === "pointercancel") return;
      const link = new URL(place.dataset.link, location.href);
      const first = Math.floor(from + (to - from) * low);
      link.searchParams.set("from", String(first));
      link.searchParams.set(
        "to", String(Math.max(first + 1000, Math.ceil(from + (to - from) * high))));
      location.assign(link.pathname + link.search);
    };
    place.addEventListener("pointerup", end);
    place.addEventListener("pointercancel", end);
  }

  // ---- Fields of an open record.

  function quoted(text) {
    return "\"" + text.replaceAll("\\", "\\\\").replaceAll("\"", "\\\"")
      .replaceAll("\n", "\\n").replaceAll("\t", "\\t") + "\"";
  }

  function term(name, value) {
    const field = /^[A-Za-z_@][A-Za-z0-9_.\-/@]*$/.test(name) ? name : quoted(name);
    return field + ":" + (/^[A-Za-z][A-Za-z0-9_\-/]*$/.test(value) ? value : quoted(value));
  }

  // Terms stand before the first bar outside of quotes.
  function adding(search, added) {
    let isQuoted = false, cut = search.length;
    for (let at = 0; at < search.length; at++) {
      if (isQuoted && search[at] === "\\") at++;
      else if (search[at] === "\"") isQuoted = !isQuoted;
      else if (search[at] === "|" && !isQuoted) { cut = at; break; }
    }
    let terms = search.slice(0, cut).trim();
    let bare = terms.replace(/"(\\.|[^"\\])*"/g, "");
    for (let before = ""; before !== bare;) {
      before = bare;
      bare = bare.replace(/\([^()]*\)/g, "");
    }
    if (/\bOR\b/.test(bare)) terms = "(" + terms + ")";
    return [terms, added, search.slice(cut).trim()].filter(Boolean).join(" ");
  }

  function act(list, words, title, action) {
    const button = make("button", "", words);
    button.type = "button";
    button.title = title;
    button.setAttribute("aria-label", title);
    button.addEventListener("click", action);
    list.append(button);
  }

  document.addEventListener("toggle", (event) => {
    const row = event.target;
    const list = row.open && row.closest ? row.closest("[data-logs]") : null;
    if (!list || !row.matches(".log") || row.dataset.ready) return;
    row.dataset.ready = "yes";
    const link = (change) => {
      const url = new URL(list.dataset.logs, location.href);
      change(url.searchParams);
      location.assign(url.pathname + url.search);
    };
    const add = (text) => link((query) => query.set("q", adding(query.get("q") ?? "", text)));
    for (const entry of row.querySelectorAll(".fields > div")) {
      const name = entry.querySelector("dt").textContent;
      const value = entry.querySelector("dd > span").textContent;
      const acts = make("span", "log-acts");
      if (value.length <= 200) {
        act(acts, "+", "Only " + name + " " + value, () => add(term(name, value)));
        act(acts, "−", "Leave out " + name + " " + value, () => add("-" + term(name, value)));
      }
      const columns = new URL(list.dataset.logs, location.href).searchParams.getAll("col");
      const isColumn = columns.includes(name);
      if (isColumn || columns.length < 6) {
        act(acts, isColumn ? "no column" : "column", (isColumn ? "Hide the column " : "Show as column ") + name,
          () => link((query) => {
            query.delete("col");
            for (const column of columns) if (column !== name) query.append("col", column);
            if (!isColumn) query.append("col", name);
          }));
      }
      act(acts, "copy", "Copy the value of " + name, () => navigator.clipboard.writeText(value)
        .then(() => perch.toast("Copied"), () => perch.toast("The browser refused to copy", true)));
      entry.querySelector("dd").append(acts);
    }
  }, true);

  // The menu of saved searches closes by Escape and by a click elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(".log-saved[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest(".log-saved[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // Alt turns a click that narrows into one that leaves out.
  document.addEventListener("click", (event) => {
    const value = event.altKey && event.target.closest(".log-value");
    const out = value && value.parentElement.querySelector(".log-out");
    if (!out) return;
    event.preventDefault();
    location.assign(out.getAttribute("href"));
  });

  // From record to record with the arrow keys.
  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const summary = step && event.target.closest(".log > summary");
    if (!summary) return;
    const rows = [...summary.closest(".logs").querySelectorAll(":scope > .log > summary")];
    const next = rows[rows.indexOf(summary) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  // ---- The live tail.

  const rowsMax = 500;
  const levels = ["trace", "debug", "info", "warn", "error", "fatal"];
  let tail = null;

  // The colour that the server gives a name.
  function colour(name) {
    let hash = 2166136261;
    for (const byte of new TextEncoder().encode(name)) {
      hash = Math.imul(hash ^ byte, 16777619) >>> 0;
    }
    return "c" + hash % 8;
  }

  function fieldsOf(words, values) {
    const entries = Object.entries(values);
    if (!entries.length) return [];
    const list = make("dl", "fields");
    for (const [name, value] of entries) {
      const entry = make("div");
      const text = typeof value === "object" ? JSON.stringify(value) : String(value);
      const cell = make("dd");
      cell.append(make("span", "", text.slice(0, 16384)));
      entry.append(make("dt", "", name), cell);
      list.append(entry);
    }
    return [make("h3", "", words), list];
  }

  // Short attributes beside the message, as on the page of records.
  function extra(attributes, body) {
    const parts = [];
    let size = 0;
    const rank = (name) => /error|exception|status|reason|outcome/.test(name) ? 0
      : /route|path|method|duration|target|url/.test(name) ? 1 : name.endsWith("id") ? 3 : 2;
    const sorted = Object.entries(attributes).sort((one, other) => rank(one[0]) - rank(other[0]));
    for (const [name, value] of sorted) {
      const text = String(value);
      if (name === "observed_time" || name.startsWith("scope_") || typeof value === "object" || !text || text.length > 48 || name.length > 32
        || name.endsWith("id") && text.length > 12 || body.includes(text)) continue;
      const next = name + "=" + text;
      size += next.length;
      if (size > 150) break;
      parts.push(make("bdi", "", next), " ");
    }
    const words = make("span", "log-extra");
    words.append(...parts);
    return words;
  }

  function rowOf(record) {
    const date = new Date(Number(BigInt(record.time) / 1000000n));
    const number = record.severity_number;
    const word = record.severity_text ?? "";
    const level = number >= 1 && number <= 24 ? levels[Math.floor((number - 1) / 4)]
      : levels.includes(word.toLowerCase()) ? word.toLowerCase() : null;
    const row = make("details", "log l-" + (level ?? "none"));
    const summary = make("summary");
    const time = make("time", "", perch.dated(date, perch.seconds(date) + "."
      + String(date.getMilliseconds()).padStart(3, "0")));
    time.dateTime = date.toISOString();
    time.dataset.style = "millis";
    const service = make("span", "service");
    const name = record.resource["service.name"] || "unknown_service";
    service.append(make("span", "dot " + colour(name)), make("span", "service-name", name));
    const body = typeof record.body === "object" ? JSON.stringify(record.body) : String(record.body ?? "");
    const line = make("span", "line");
    line.append(make("span", "body", body.split("\n")[0].slice(0, 400) || "(no text)"),
      extra(record.attributes, body));
    summary.append(time, make("span", "level l-" + (level ?? "none"), level ?? (word || "–")), service,
      line);
    const record2 = make("div", "record");
    row.append(summary, record2);
    // What is inside is made when it is looked at.
    row.addEventListener("toggle", () => {
      if (!row.open || record2.firstChild) return;
      record2.append(make("pre", "whole", body.slice(0, 16384)));
      if (record.trace_id) {
        const links = make("p", "links");
        const link = make("a", "button", "Show trace");
        const span = encodeURIComponent(record.span_id ?? "");
        link.href = "/trace/" + encodeURIComponent(record.trace_id)
          + (span ? "?near=" + span + "#s-" + span : "");
        links.append(link);
        record2.append(links);
      }
      record2.append(...fieldsOf("Attributes", record.attributes),
        ...fieldsOf("Sent by", record.resource));
    });
    return row;
  }

  function follow(place) {
    const list = place.querySelector(".logs"), state = place.querySelector(".log-live-state");
    const lostWords = place.querySelector(".log-live-lost");
    const pause = place.querySelector("[data-tail-pause]");
    const clear = place.querySelector("[data-tail-clear]");
    let waiting = [], isPaused = false, lost = 0, skipped = 0, seen = 0, timer = null;
    const source = new EventSource(place.dataset.tail);
    tail = { place, close: () => { source.close(); clearTimeout(timer); } };
    pause.disabled = clear.disabled = false;

    function say() {
      state.classList.toggle("on", source.readyState === 1 && !isPaused);
      const words = source.readyState === 1 ? (isPaused ? "Paused" : "Following")
        : source.readyState === 0 ? "Connecting…" : "The server ended this; reload to follow again";
      state.textContent = words + ", " + seen + " records"
        + (isPaused && waiting.length ? ", " + waiting.length + " wait" : "");
      lostWords.textContent = lost + skipped > 0 ? (lost + skipped) + " lost: they came too fast" : "";
    }

    function show() {
      timer = null;
      if (!isPaused && waiting.length) {
        const rows = waiting.reverse().map(rowOf);
        waiting = [];
        // Who has scrolled down keeps the place.
        list.prepend(...rows);
        while (list.childElementCount > rowsMax) list.lastElementChild.remove();
      }
      say();
    }

    source.addEventListener("open", say);
    source.addEventListener("error", say);
    source.addEventListener("end", () => { source.close(); say(); });
    source.addEventListener("dropped", (event) => {
      lost += JSON.parse(event.data).count;
      say();
    });
    source.addEventListener("message", (event) => {
      let record;
      try { record = JSON.parse(event.data); } catch { return; }
      seen++;
      waiting.push(record);
      if (waiting.length > rowsMax) {
        waiting.shift();
        if (!isPaused) skipped++;
      }
      timer ??= setTimeout(show, 200);
    });
    pause.addEventListener("click", () => {
      isPaused = !isPaused;
      pause.setAttribute("aria-pressed", String(isPaused));
      pause.textContent = isPaused ? "Go on" : "Pause";
      show();
    });
    clear.addEventListener("click", () => {
      list.replaceChildren();
      waiting = [];
      lost = skipped = 0;
      say();
    });
    say();
  }
  addEventListener("pagehide", () => { if (tail) tail.close(); });

  perch.onContent((root) => {
    for (const place of root.querySelectorAll("[data-complete]")) complete(place);
    for (const place of root.querySelectorAll("[data-brush]")) brush(place);
    const live = root.querySelector("[data-tail]");
    if (tail && tail.place !== live) {
      tail.close();
      tail = null;
    }
    if (live && !tail) follow(live);
  });
})();
