/* 大屏: one scene after the other, numbers fetched anew each minute. Without it all scenes stand one below the other. */
(function () {
  "use strict";
  var EVERY = 60000, STALE = 180000;
  var body = document.body, pause = document.getElementById("pause"), stale = document.querySelector(".wall-stale"), main = document.querySelector("main");
  var scenes = Array.prototype.slice.call(document.querySelectorAll(".scene"));
  var links = Array.prototype.slice.call(document.querySelectorAll(".wall-foot nav a"));
  var seconds = Number(body.getAttribute("data-seconds")), at = 0, timer = null;
  var fresh = Date.now(), made = document.querySelector(".wall-time").textContent;

  function show(number) {
    at = (number + scenes.length) % scenes.length;
    scenes.forEach(function (scene, place) { scene.hidden = place !== at; });
    links.forEach(function (link, place) {
      if (place === at) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
  }

  function run(going) {
    window.clearInterval(timer);
    timer = going ? window.setInterval(function () { show(at + 1); }, seconds * 1000) : null;
    pause.textContent = body.getAttribute(going ? "data-pause" : "data-go-on");
    pause.setAttribute("aria-pressed", String(!going));
  }

  function choose(number) {
    show(number);
    if (timer) run(true);
  }

  /* The scene that is shown stays; only what is in each is new. */
  function take(text) {
    var page = new DOMParser().parseFromString(text, "text/html");
    var found = scenes.map(function (scene) { return page.getElementById(scene.id); });
    if (!page.querySelector(".wall-time") || found.some(function (one) { return !one; })) throw new Error("another page");
    scenes.forEach(function (scene, place) { scene.innerHTML = found[place].innerHTML; });
    document.querySelector(".wall-day").innerHTML = page.querySelector(".wall-day").innerHTML;
    made = page.querySelector(".wall-time").textContent;
    fresh = Date.now();
  }

  /* An address that was ended, or is no longer read from here, shows nothing any more; it may be opened again. */
  function shut(ended) {
    main.hidden = ended;
    if (ended) { stale.hidden = false; stale.textContent = body.getAttribute("data-ended"); }
  }

  function tell() {
    if (main.hidden) return;
    stale.hidden = Date.now() - fresh < STALE;
    if (!stale.hidden) stale.textContent = body.getAttribute("data-stale") + made;
  }

  function ask() {
    fetch(window.location.href, { credentials: "same-origin", redirect: "error", cache: "no-store" }).then(function (answer) {
      shut(answer.status === 404);
      if (!answer.ok) throw new Error(answer.status);
      return answer.text();
    }).then(take).catch(function () {}).then(tell);
  }

  links.forEach(function (link, place) {
    link.addEventListener("click", function (event) { event.preventDefault(); choose(place); });
  });
  pause.addEventListener("click", function () { run(!timer); });
  document.addEventListener("keydown", function (event) {
    if (event.key === "ArrowRight") choose(at + 1);
    else if (event.key === "ArrowLeft") choose(at - 1);
    else if (event.key === " " && event.target !== pause) { event.preventDefault(); run(!timer); }
  });
  pause.hidden = false;
  show(Math.max(scenes.map(function (scene) { return "#" + scene.id; }).indexOf(window.location.hash), 0));
  /* Whoever asked for no motion turns the scenes themselves. */
  run(scenes.length > 1 && !window.matchMedia("(prefers-reduced-motion: reduce)").matches);
  window.setInterval(ask, EVERY);
  window.setInterval(tell, 5000);
})();
