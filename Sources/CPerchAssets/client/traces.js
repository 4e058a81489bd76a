// Traces: the brush over durations, and a waterfall that folds and is walked with the arrow keys.
(() => {
  // A brush over both directions narrows time and duration.
  document.addEventListener("perch:brush", (event) => {
    if (!event.target.closest("[data-scatter]")) return;
    event.preventDefault();
    const { from, to, low, high } = event.detail;
    // Whole microseconds, never with an exponent.
    const millis = (seconds) => String(Math.round(Math.max(0, seconds) * 1e6) / 1000) + "ms";
    const start = Math.floor(from * 1000);
    const changes = {
      range: null, from: String(start), to: String(Math.max(start + 1, Math.ceil(to * 1000))),
    };
    if (high !== undefined) {
      changes.min = millis(low);
      changes.max = millis(high);
    }
    location.assign(perch.address(changes));
  });

  const depth = (row) => Number(row.dataset.depth);

  function below(row) {
    const rows = [];
    for (let next = row.nextElementSibling; next && next.matches(".span"); next = next.nextElementSibling) {
      if (depth(next) <= depth(row)) break;
      rows.push(next);
    }
    return rows;
  }

  const twist = (row) => row.querySelector(":scope > summary .span-twist");
  const isFolded = (row) => row.dataset.folded === "yes";

  function fold(row, folds) {
    const button = twist(row);
    if (!button) return;
    row.dataset.folded = folds ? "yes" : "no";
    button.textContent = folds ? "▸" : "▾";
    button.closest("summary").setAttribute("aria-description", folds ? "folded" : "");
    // What is under a row that stays folded stays hidden.
    let quiet = Infinity;
    for (const next of below(row)) {
      if (depth(next) <= quiet) quiet = Infinity;
      next.hidden = folds || quiet !== Infinity;
      if (!folds && isFolded(next)) quiet = Math.min(quiet, depth(next));
    }
  }

  function prepare(place) {
    if (place.dataset.ready) return;
    place.dataset.ready = "yes";
    const rows = [...place.querySelectorAll(":scope > .span")];
    rows.forEach((row, index) => {
      const next = rows[index + 1];
      const name = row.querySelector(":scope > summary .span-name");
      if (!next || depth(next) <= depth(row)) {
        const leaf = document.createElement("span");
        leaf.className = "span-leaf";
        name.prepend(leaf);
        return;
      }
      // For the pointer alone: inside of what opens details no other button may stand, and the
      // arrow keys do the same.
      const button = document.createElement("span");
      button.className = "span-twist";
      button.textContent = "▾";
      button.setAttribute("aria-hidden", "true");
      button.addEventListener("click", (event) => {
        event.preventDefault();
        event.stopPropagation();
        fold(row, !isFolded(row));
      });
      name.prepend(button);
    });
    if (rows.length > 8) {
      const tools = document.createElement("div");
      tools.className = "span-tools";
      for (const [words, folds] of [["Fold all", true], ["Unfold all", false]]) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "quiet";
        button.textContent = words;
        button.addEventListener("click", () => {
          // From the inside out when folding, the other way round when unfolding.
          for (const row of folds ? [...rows].reverse() : rows) {
            if (depth(row) > 0 || !folds) fold(row, folds);
          }
        });
        tools.append(button);
      }
      const hint = document.createElement("span");
      hint.className = "faint";
      hint.textContent = "↑ ↓ from span to span, ← → fold and unfold, Enter for details";
      tools.append(hint);
      place.querySelector(".ruler").before(tools);
    }
    place.addEventListener("keydown", (event) => {
      const row = event.target.closest(".span > summary")?.parentElement;
      if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
      const seen = rows.filter((other) => !other.hidden);
      const at = seen.indexOf(row);
      let next = null;
      switch (event.key) {
        case "ArrowDown": next = seen[at + 1]; break;
        case "ArrowUp": next = seen[at - 1]; break;
        case "Home": next = seen[0]; break;
        case "End": next = seen.at(-1); break;
        case "ArrowRight":
          if (isFolded(row)) fold(row, false);
          else next = depth(seen[at + 1] ?? row) > depth(row) ? seen[at + 1] : null;
          break;
        case "ArrowLeft":
          if (!isFolded(row) && twist(row)) fold(row, true);
          else next = seen.slice(0, at).findLast((other) => depth(other) < depth(row));
          break;
        default: return;
      }
      event.preventDefault();
      next?.querySelector("summary").focus();
    });
    const named = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const target = named || place.querySelector(":scope > .span.here");
    if (target && target.matches(".span")) {
      target.open = true;
      target.querySelector("summary").focus();
    }
  }

  perch.onContent((root) => {
    for (const place of root.querySelectorAll(".waterfall")) prepare(place);
  });
})();
