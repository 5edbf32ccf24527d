/* Reviewing by keyboard: a approve, r return, n p next and previous, Ctrl+Enter sends the form one is in. */
(function () {
  "use strict";

  function enabled() {
    return window.localStorage.getItem("portal-keys") !== "off";
  }

  function typing(target) {
    return /^(input|textarea|select)$/i.test(target.tagName) && !/^(checkbox|radio)$/.test(target.type);
  }

  function go(selector) {
    var link = document.querySelector(selector);
    if (link) link.click();
  }

  function focus(element) {
    if (!element) return;
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  }

  function approve() {
    focus(document.querySelector("#approve input[type=checkbox]:not(:checked)") || document.querySelector("#approve button[name=decision]"));
  }

  var keys = {
    a: approve,
    r: function () { focus(document.querySelector("#refuse textarea")); },
    n: function () { go("a[rel=next]"); },
    p: function () { go("a[rel=prev]"); }
  };

  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.ctrlKey && event.target.form) {
      event.preventDefault();
      event.target.form.querySelector("button[name=decision]").click();
    } else if (keys[event.key] && enabled() && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) {
      if (document.querySelector("dialog[open]")) return;
      event.preventDefault();
      keys[event.key]();
    }
  });

  document.querySelectorAll(".phrases").forEach(function (list) {
    list.hidden = false;
    list.addEventListener("click", function (event) {
      var phrase = event.target.getAttribute("data-phrase");
      if (!phrase) return;
      var field = list.parentElement.querySelector("textarea");
      field.value = field.value.trim() ? field.value.trim() + "\n" + phrase : phrase;
      field.focus();
    });
  });
})();
