// What was done and not yet answered. One act at a time travels; the next waits for the answer to the one before.
const ANSWER_MS = 30000;

class Acts {
  constructor(post, unanswered) {
    this.post = post;
    this.unanswered = unanswered;
    this.queue = [];
  }

  push(act) {
    if (act.action === "page" || act.action === "look") this.queue = this.queue.filter((other) => other.action !== act.action);
    this.queue.push(act);
    this.next();
  }

  next() {
    if (this.sent || !this.queue.length) return;
    this.sent = this.queue.shift();
    this.post(this.sent);
    this.timer = setTimeout(() => this.giveUp(), ANSWER_MS);
  }

  // The act that this count of acts answers, or undefined where the news came for another reason.
  heard(nActs) {
    const isAnswer = this.nActs !== undefined && nActs !== this.nActs;
    this.nActs = nActs;
    if (!isAnswer) return undefined;
    const done = this.sent;
    this.settle();
    return done;
  }

  settle() {
    clearTimeout(this.timer);
    this.sent = undefined;
  }

  giveUp() {
    this.settle();
    this.queue = [];
    this.unanswered();
  }

  // What was meant for a filter that is gone.
  forget() {
    this.queue = this.queue.filter((act) => !act.is_all && act.action !== "page");
  }

  get open() {
    return this.sent ? [this.sent, ...this.queue] : this.queue;
  }

  awaits(action) {
    return this.open.some((act) => act.action === action);
  }

  // Whether a product is on its way out of this list.
  takes(id) {
    return this.open.some((act) => !act.keeps && (act.is_all || act.ids.includes(id)));
  }

  stop() {
    this.settle();
    this.queue = [];
    this.nActs = undefined;
  }
}
