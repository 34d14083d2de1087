// One client library in a process of its own: node client-test.js <client> <gateway> <simulator>

import "./node-18-globals.js";
import { botSteps } from "./bot-steps.js";
import { SimulatedTelegram } from "./simulated-telegram.js";
import { Steps } from "./steps.js";
import { Wire } from "./wire.js";

// The bots' ids; the chats that a bot writes to come right behind.
const BOTS = {
  grammy: 721_000_000,
  telegraf: 722_000_000,
  "node-telegram-bot-api": 723_000_000,
  gramio: 724_000_000,
};

const [name, gateway, simulator] = process.argv.slice(2);
const { connect } = await import(`./clients/${name}.js`);
const steps = new Steps(name, 60);
const wire = await Wire.to(gateway);
const bot = BOTS[name];
const client = connect(`${bot}:AAE-any-letters-and-digits-will-do_`, wire.url);

await botSteps(steps, { bot, client, telegram: new SimulatedTelegram(simulator), wire });
process.exit(steps.exitCode); // whatever the library still keeps open
