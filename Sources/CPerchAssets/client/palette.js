// The command palette: Ctrl-K anywhere, `/` where a page has no search of its own. It asks the
// server for what fits the words, and leads there.
(() => {
  let dialog, input, list, hint, rows = [], chosen = 0, asked = 0, timer;
  // What the shown places were asked with; Enter before their answer waits for it.
  let answered = null, isHurried = false;

  function build() {
    dialog = document.createElement("dialog");
    dialog.className = "palette";
    dialog.setAttribute("aria-label", "Go to");
    input = document.createElement("input");
    input.type = "search";
    input.placeholder = "Service, dashboard, metric, trace id, request id…";
    input.autocomplete = "off";
    input.spellcheck = false;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-controls", "palette-list");
    input.setAttribute("aria-label", "Go to a service, dashboard, metric, trace or request");
    list = document.createElement("ul");
    list.id = "palette-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Places");
    hint = document.createElement("p");
    hint.className = "small";
    dialog.append(input, list, hint);
    document.body.append(dialog);
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 80);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        if (rows.length) choose((chosen + step + rows.length) % rows.length);
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (answered === input.value) {
          if (rows[chosen]) go(rows[chosen]);
        } else {
          isHurried = true;
          clearTimeout(timer);
          ask();
        }
      }
    });
  }

  const go = (row) => { if (row.link.startsWith("/")) location.assign(row.link); };

  function choose(index) {
    chosen = index;
    [...list.children].forEach((item, at) => {
      item.setAttribute("aria-selected", String(at === index));
      if (at === index) {
        item.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", item.id);
      }
    });
  }

  async function ask() {
    const mine = ++asked, words = input.value;
    let answer;
    try {
      const response = await fetch("/palette?q=" + encodeURIComponent(words));
      if (!response.ok) throw new Error();
      answer = await response.json();
    } catch {
      hint.textContent = "The server did not answer.";
      return;
    }
    if (mine !== asked) return;
    rows = answer.places;
    answered = words;
    if (isHurried) {
      isHurried = false;
      if (rows[0]) go(rows[0]);
    }
    list.replaceChildren(...rows.map((row, index) => {
      const item = document.createElement("li");
      item.id = "palette-" + index;
      item.setAttribute("role", "option");
      const words = document.createElement("span");
      words.className = "words";
      words.textContent = row.words;
      const kind = document.createElement("span");
      kind.className = "kind";
      kind.textContent = row.kind;
      item.append(words, kind);
      item.addEventListener("click", () => go(row));
      item.addEventListener("mousemove", () => choose(index));
      return item;
    }));
    hint.textContent = rows.length ? "↑ ↓ to choose, Enter to go, Esc to close" : "Nothing fits.";
    choose(0);
  }

  perch.openPalette = () => {
    if (!dialog) build();
    if (dialog.open) return;
    input.value = "";
    isHurried = false;
    dialog.showModal();
    input.focus();
    ask();
  };

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      perch.openPalette();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]")) perch.openPalette();
  });
})();
