/* The table of reports: paste a block of cells, send by Ctrl+Enter, send only what was edited. Works without it. */
(function () {
  "use strict";
  var form = document.getElementById("entry");
  if (!form) return;
  var rows = Array.prototype.slice.call(form.querySelectorAll("tr[data-row]"));
  var counter = document.getElementById("edited");
  var sending = false;

  function fields(row) {
    return Array.prototype.slice.call(row.querySelectorAll("td textarea, td select, td input[type=checkbox]"));
  }

  function state(row) {
    return fields(row).map(function (field) {
      return field.type === "checkbox" ? String(field.checked) : field.value;
    }).join("\u0000");
  }

  /* Cells as WPS and Excel put them on the clipboard: tabs and line ends between cells, quotes around line ends. */
  function cells(text) {
    var table = [[]], cell = "", quoted = false, i = 0;
    text = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    for (; i < text.length; i += 1) {
      var sign = text[i];
      if (quoted) {
        if (sign !== '"') cell += sign;
        else if (text[i + 1] === '"') { cell += '"'; i += 1; }
        else quoted = false;
      } else if (sign === '"' && cell === "") quoted = true;
      else if (sign === "\t" || sign === "\n") {
        table[table.length - 1].push(cell);
        cell = "";
        if (sign === "\n") table.push([]);
      } else cell += sign;
    }
    table[table.length - 1].push(cell);
    return table;
  }

  function isBlock(text, markup) {
    return text.indexOf("\t") >= 0 || /^"[\s\S]*\n[\s\S]*"\s*$/.test(text) || (text.indexOf("\n") >= 0 && /<t[dr]\b/i.test(markup));
  }

  /* Whether the field could take the text. */
  function put(field, text) {
    var value = text.trim();
    if (field.tagName === "SELECT") {
      var known = Array.prototype.filter.call(field.options, function (option) {
        return option.text.trim() === value || option.value === value;
      });
      if (known.length) field.value = known[0].value;
      return known.length > 0 || value === "";
    }
    if (field.type === "checkbox") {
      field.checked = /^(是|√|1|true|yes)$/i.test(value);
    } else {
      field.value = value;
    }
    return true;
  }

  function pasted(event) {
    var row = event.target.closest("tr[data-row]");
    var text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!row || !isBlock(text, event.clipboardData.getData("text/html"))) return;
    event.preventDefault();
    var top = rows.indexOf(row), left = column(event.target), untaken = 0;
    cells(text).forEach(function (line, down) {
      var target = rows[top + down];
      line.forEach(function (value, right) {
        var cell = target && target.cells[left + right];
        var field = cell && cell.querySelector("textarea, select, input[type=checkbox]");
        if (field ? !put(field, value) : value.trim() !== "") untaken += 1;
      });
    });
    mark();
    if (untaken) counter.textContent += " " + counter.dataset.left + untaken;
  }

  function column(field) {
    return field.closest("td").cellIndex;
  }

  function edited(row) {
    var draft = row.querySelector("[data-as-is]");
    return row.classList.contains("wrong") || state(row) !== row.dataset.first || Boolean(draft && draft.checked);
  }

  function mark() {
    var count = rows.filter(function (row) {
      var is = edited(row);
      row.classList.toggle("edited", is);
      return is;
    }).length;
    counter.textContent = count ? counter.dataset.text + count : "";
  }

  rows.forEach(function (row) { row.dataset.first = state(row); });
  form.addEventListener("paste", pasted);
  form.addEventListener("input", mark);
  form.addEventListener("change", mark);
  form.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector(".buttons button").click();
    }
  });
  form.addEventListener("submit", function () {
    sending = true;
    rows.forEach(function (row) {
      if (edited(row)) return;
      Array.prototype.forEach.call(row.querySelectorAll("input, textarea, select"), function (field) {
        field.disabled = true;
      });
    });
  });
  window.addEventListener("pageshow", function () {
    sending = false;
    rows.forEach(function (row) {
      Array.prototype.forEach.call(row.querySelectorAll("input, textarea, select"), function (field) {
        field.disabled = false;
      });
    });
  });
  window.addEventListener("beforeunload", function (event) {
    if (sending || !rows.some(function (row) { return row.classList.contains("edited"); })) return;
    event.preventDefault();
    event.returnValue = form.dataset.leave;
  });
  mark();
})();
