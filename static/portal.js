/* Keyboard: / search, j k move, Enter open, ? help; buttons that print. Everything works without it. */
(function () {
  "use strict";
  var KEY = "portal-keys";
  var dialog = document.getElementById("keys");
  var toggle = document.getElementById("keys-on");
  var opener = document.getElementById("keys-open");
  var enabled = window.localStorage.getItem(KEY) !== "off";

  var ROWS = "main tbody tr, main .tasks > li, main .hits > li, main .brief > li";

  /* The first link of every row that is shown. */
  function links() {
    return Array.prototype.map.call(document.querySelectorAll(ROWS), function (row) {
      return Array.prototype.find.call(row.querySelectorAll(".what > a, a[href]"), function (link) {
        return link.offsetParent !== null;
      });
    }).filter(Boolean);
  }

  function help() {
    var none = links().length === 0;
    Array.prototype.forEach.call(dialog.querySelectorAll("[data-of-rows]"), function (line) { line.hidden = none; });
    dialog.showModal();
  }

  function move(step) {
    var all = links();
    var here = all.indexOf(document.activeElement);
    var next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step];
    if (next) {
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }
  }

  function typing(target) {
    return /^(input|textarea|select)$/i.test(target.tagName) || target.isContentEditable;
  }

  function pressed(event) {
    if (!enabled || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    var search = document.getElementById("find-all");
    if (event.key === "/" && search) {
      search.focus();
      search.select();
    } else if ((event.key === "j" || event.key === "k") && links().length) {
      move(event.key === "j" ? 1 : -1);
    } else if (event.key === "?" && dialog.showModal) {
      help();
    } else {
      return;
    }
    event.preventDefault();
  }

  /* What comes in parts is printed once all of it is there; what cannot come says so itself where it is missing. */
  function hold(button, isFailed) {
    if (!button.dataset.waiting) return;
    var waits = !isFailed && document.querySelector("main [data-more]") !== null;
    button.disabled = waits;
    button.textContent = waits ? button.dataset.waiting : button.dataset.print;
  }
  Array.prototype.forEach.call(document.querySelectorAll("[data-print]"), function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
    hold(button, false);
    document.addEventListener("htmx:afterSettle", function () { hold(button, false); });
    ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach(function (failure) {
      document.addEventListener(failure, function () { hold(button, true); });
    });
  });

  /* What htmx shows has an address of its own: signing in and the other language lead back to that one. */
  function here() {
    return window.location.pathname + window.location.search;
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-comes-back]");
    if (link && link.search) link.search = "?next=" + encodeURIComponent(here());
  });
  document.addEventListener("submit", function (event) {
    var next = event.target.querySelector("[data-here]");
    if (next) next.value = here();
  });

  /* A page may have been open for hours, and what it shows exchanged by htmx. */
  window.addEventListener("beforeprint", function () {
    var now = new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString();
    var at = document.querySelector("[data-printed-at]");
    var from = document.querySelector("[data-printed-from]");
    if (at) at.textContent = (at.dataset.before || "") + now.slice(0, 16).replace("T", " ");
    if (from) from.textContent = window.location.search ? readable(window.location.origin + here()) : "";
  });

  function readable(address) {
    try {
      return decodeURI(address).slice(0, 300);
    } catch (error) {
      return address.slice(0, 300);
    }
  }

  document.addEventListener("keydown", pressed);
  if (dialog && dialog.showModal) {
    opener.hidden = false;
    opener.addEventListener("click", help);
    toggle.checked = enabled;
    toggle.addEventListener("change", function () {
      enabled = toggle.checked;
      window.localStorage.setItem(KEY, enabled ? "on" : "off");
    });
  }
})();

/* A table that is wider than its place can be moved by the keyboard too, is named, and says what is out of sight. */
(function () {
  "use strict";

  /* The heading above it, unless that speaks another language than the page; no two of a page are called the same. */
  function title(place) {
    var before = place.previousElementSibling;
    while (before && !/^H[1-4]$/.test(before.tagName)) before = before.previousElementSibling;
    var foreign = !before || before.lang || before.querySelector("[lang]");
    var name = document.body.dataset.table;
    /* Not the heading alone: a section around both may be called so. */
    if (!foreign) name = before.textContent.trim().replace(/\s+/g, " ") + " · " + name;
    var others = document.querySelectorAll(".scroll[aria-label^='" + name.replace(/['\\]/g, "") + "']").length;
    return others ? name + " " + (others + 1) : name;
  }

  function mark(place) {
    var wide = place.scrollWidth > place.clientWidth + 1;
    var note = place.previousElementSibling;
    var noted = Boolean(note && note.classList.contains("wider"));
    if (wide && !place.hasAttribute("tabindex")) {
      place.tabIndex = 0;
      place.setAttribute("role", "region");
      place.setAttribute("aria-label", place.getAttribute("aria-label") || title(place));
    }
    if (wide && !noted) {
      note = document.createElement("p");
      note.className = "note wider";
      note.textContent = document.body.dataset.wider;
      place.parentNode.insertBefore(note, place);
    } else if (!wide && noted) {
      note.remove();
      place.removeAttribute("tabindex");
    }
  }

  function all() {
    Array.prototype.forEach.call(document.querySelectorAll(".scroll"), mark);
  }

  all();
  window.addEventListener("resize", all);
  document.addEventListener("htmx:afterSettle", all);
})();

/* The search of every page: what is suggested below the box is chosen by the arrow keys. Without it the box is a form. */
(function () {
  "use strict";
  var box = document.getElementById("find-all"), list = document.getElementById("suggestions");
  if (!box) return;
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", list.dataset.label);

  function options() {
    return Array.prototype.slice.call(list.querySelectorAll("[role=option]"));
  }

  function chosen() {
    return list.querySelector("[aria-selected=true]");
  }

  function show(open) {
    list.hidden = !open;
    box.setAttribute("aria-expanded", String(open));
    if (!open) choose(null);
  }

  function choose(option) {
    options().forEach(function (one) { one.setAttribute("aria-selected", String(one === option)); });
    if (option) {
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      box.removeAttribute("aria-activedescendant");
    }
  }

  function move(step) {
    var all = options(), at = all.indexOf(chosen()) + step;
    choose(at < -1 ? all[all.length - 1] : all[at] || null);
  }

  box.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!options().length) return;
      show(true);
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !list.hidden && chosen()) {
      window.location.assign(chosen().href);
    } else if (event.key === "Escape" && !list.hidden) {
      show(false);
    } else {
      return;
    }
    event.preventDefault();
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target !== list) return;
    options().forEach(function (one, at) { one.id = "suggestion-" + at; });
    choose(null);
    show(options().length > 0 && document.activeElement === box);
  });
  document.addEventListener("focusin", function (event) {
    if (!box.form.contains(event.target)) show(false);
  });
  document.addEventListener("click", function (event) {
    if (!box.form.contains(event.target)) show(false);
  });
  show(false);
})();

/* What is filtered anew keeps what was opened, the focus, and the place to which page and filters were scrolled. */
(function () {
  "use strict";
  var opened = null, focused = "", place = null;

  function parts() {
    return document.querySelectorAll("#results details[id]");
  }

  function facets() {
    return document.querySelector("#results .facets");
  }

  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target.id !== "results") return;
    opened = { facets: document.getElementById("facets-open").checked };
    /* A value that was found among all stands with the others once it is chosen. */
    focused = document.activeElement.id.replace(/^all-/, "of-");
    place = { page: window.scrollY, facets: facets().scrollTop };
    Array.prototype.forEach.call(parts(), function (part) { opened[part.id] = part.open; });
  });
  document.addEventListener("htmx:afterSwap", function () {
    if (!opened) return;
    document.getElementById("facets-open").checked = opened.facets;
    Array.prototype.forEach.call(parts(), function (part) {
      if (part.id in opened) part.open = opened[part.id];
    });
    opened = null;
    facets().scrollTop = place.facets;
    window.scrollTo(window.scrollX, place.page);
    /* A condition that was taken away is gone with its link. */
    if (document.activeElement !== document.body) return;
    (document.getElementById(focused) || document.getElementById("found")).focus({ preventScroll: true });
  });
})();

/* Evidence: files may be dropped on their form; their names are shown, and which are too large. The form alone does it too. */
(function () {
  "use strict";

  function form(event) {
    return event.target.closest ? event.target.closest("form.drop") : null;
  }

  function show(drop) {
    var list = drop.querySelector(".chosen");
    list.textContent = "";
    Array.prototype.forEach.call(drop.querySelector("input[type=file]").files, function (file) {
      var line = list.appendChild(document.createElement("li"));
      line.textContent = file.name;
      if (file.size > Number(drop.dataset.mostBytes)) {
        line.className = "error";
        line.textContent += "　" + drop.dataset.tooLarge;
      }
    });
  }

  function over(event) {
    var drop = form(event);
    if (!drop) return;
    event.preventDefault();
    drop.classList.toggle("dragged", event.type === "dragover");
  }

  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", over);
  document.addEventListener("drop", function (event) {
    var drop = form(event);
    over(event);
    if (!drop || !event.dataTransfer.files.length) return;
    drop.querySelector("input[type=file]").files = event.dataTransfer.files;
    show(drop);
  });
  document.addEventListener("change", function (event) {
    if (form(event)) show(form(event));
  });
  ["htmx:responseError", "htmx:sendError"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (!form(event)) return;
      var line = document.createElement("li");
      line.className = "error";
      line.textContent = form(event).dataset.failed;
      form(event).querySelector(".chosen").appendChild(line);
    });
  });
})();

/* What is typed or ticked in one form is not lost by leaving, or by the button of another form, without being asked. */
(function () {
  "use strict";
  var OTHERS = 'form[method="post"]:not(#entry):not(#report-form):not(.in-place)'; /* those three see to it themselves */
  var sent = null;

  function some(list, test) {
    return Array.prototype.some.call(list, test);
  }

  function chosen(select) {
    var stated = some(select.options, function (option) { return option.defaultSelected; });
    return some(select.options, function (option, at) {
      return option.selected !== (stated || select.multiple ? option.defaultSelected : at === 0);
    });
  }

  function changed(field) {
    if (field.disabled || field.readOnly || field.type === "hidden") return false;
    if (/^(checkbox|radio)$/.test(field.type)) return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return chosen(field);
    if (field.type === "file") return field.files.length > 0;
    return /^(INPUT|TEXTAREA)$/.test(field.tagName) && field.value !== field.defaultValue;
  }

  function unsaved(form) {
    return form !== sent && !form.querySelector("input[type=password]") && some(form.elements, changed);
  }

  document.addEventListener("submit", function (event) {
    if (!event.defaultPrevented) sent = event.target;
  });
  window.addEventListener("pageshow", function () { sent = null; });
  window.addEventListener("beforeunload", function (event) {
    if (!some(document.querySelectorAll(OTHERS), unsaved)) return;
    event.preventDefault();
    event.returnValue = "";
  });
})();

/* Choices: one of many is found by typing. Without JavaScript a plain list, as it is while nothing is typed. */
(function () {
  "use strict";
  var MANY = 20, SHOWN = 8;

  function words(text) {
    return text.toLowerCase().split(/\s+/).filter(Boolean);
  }

  function filter(select, text) {
    var wanted = words(text), found = 0;
    Array.prototype.forEach.call(select.options, function (option) {
      var said = option.text.toLowerCase();
      option.hidden = !wanted.every(function (word) { return said.indexOf(word) >= 0; });
      if (!option.hidden) found += 1;
    });
    if (!select.multiple) select.size = wanted.length ? Math.max(2, Math.min(SHOWN, found)) : 0;
  }

  function first(select) {
    return Array.prototype.find.call(select.options, function (option) { return !option.hidden && !option.disabled; });
  }

  function choose(select) {
    var option = first(select);
    if (!option) return;
    option.selected = true;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    select.focus();
  }

  function add(select) {
    if (select.options.length <= MANY || select.dataset.found) return;
    select.dataset.found = "yes";
    var search = document.createElement("input");
    search.type = "search";
    search.className = "find";
    search.autocomplete = "off";
    search.placeholder = document.body.dataset.find;
    search.setAttribute("aria-label", document.body.dataset.find);
    search.setAttribute("form", ""); /* it belongs to no form: it is neither sent nor asked after */
    if (select.id) search.setAttribute("aria-controls", select.id);
    search.addEventListener("input", function () { filter(select, search.value); });
    search.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && search.value) choose(select);
      else if (event.key === "ArrowDown") select.focus();
      else return;
      event.preventDefault();
    });
    select.addEventListener("change", function () {
      search.value = "";
      filter(select, "");
    });
    var label = select.closest("label");
    (label || select).parentNode.insertBefore(search, label || select);
  }

  function within(element) {
    Array.prototype.forEach.call(element.querySelectorAll("select"), add);
  }

  within(document);
  document.addEventListener("htmx:load", function (event) { within(event.detail.elt); });
})();

/* One tick for all of a table's, but for those that need a thought of their own. */
(function () {
  "use strict";

  function ticks(form, name) {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.type === "checkbox" && field.name === name;
    });
  }

  /* What is done with those ticked in a table stands below it as long as there are any. */
  function count() {
    var bulk = document.getElementById("bulk");
    if (!bulk) return;
    var ticked = ticks(bulk, "measure").filter(function (tick) { return tick.checked; }).length;
    bulk.hidden = ticked === 0;
    bulk.querySelector(".note").hidden = false;
    bulk.querySelector("[data-ticked]").textContent = ticked;
  }

  function ready() {
    Array.prototype.forEach.call(document.querySelectorAll("[data-tick-all][hidden]"), function (all) {
      all.hidden = false;
      all.addEventListener("change", function () {
        ticks(all.form, all.getAttribute("data-tick-all")).forEach(function (tick) {
          tick.checked = all.checked && !tick.hasAttribute("data-skip");
        });
        count();
      });
    });
    count();
  }

  document.addEventListener("change", count);
  document.addEventListener("htmx:afterSettle", ready);
  window.addEventListener("pageshow", count);
  ready();
})();

/* A text to paste elsewhere: of the agencies that are ticked, or of all; copied by a button. */
(function () {
  "use strict";

  function ticked() {
    return Array.prototype.filter.call(document.querySelectorAll("input[data-chat]"), function (tick) {
      return tick.checked;
    });
  }

  function copy(area) {
    /* On an address without https there is no clipboard for scripts: the old way does. */
    area.select();
    if (navigator.clipboard) return navigator.clipboard.writeText(area.value);
    return document.execCommand("copy") ? Promise.resolve() : Promise.reject();
  }

  Array.prototype.forEach.call(document.querySelectorAll("[data-copy]"), function (button) {
    var area = document.getElementById(button.getAttribute("data-copy"));
    var all = area.value;
    button.hidden = false;
    function choose() {
      var lines = ticked().map(function (tick) { return tick.getAttribute("data-chat"); });
      area.value = lines.length ? lines.concat(area.getAttribute("data-end") || []).join("\n") : all;
    }
    /* Also by the tick for all, which sets the others without an event of their own. */
    document.addEventListener("change", function () { window.setTimeout(choose); });
    choose();
    button.addEventListener("click", function () {
      copy(area).then(function () { button.nextElementSibling.textContent = button.getAttribute("data-copied"); });
    });
  });
})();
