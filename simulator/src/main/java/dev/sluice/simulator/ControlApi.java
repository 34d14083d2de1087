package dev.sluice.simulator;

import dev.sluice.simulator.LedgerEntry.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The simulator's own HTTP API, under {@code /simulator}: what the Java API offers, for people and other languages. JSON in and out. */
final class ControlApi {
    private static final int MOST_ENTRIES = 1000;

    private final Simulator simulator;

    ControlApi(Simulator simulator) {
        this.simulator = simulator;
    }

    /** @throws Refusal for everything that is not understood */
    ApiAnswer answer(String verb, String path, ApiCall call) {
        List<String> parts = List.of(path.substring("/simulator".length()).split("/")).stream()
                .filter(part -> !part.isEmpty())
                .toList();
        String what = parts.isEmpty() ? "" : parts.getFirst();
        try {
            return switch (verb + " " + what + " " + parts.size()) {
                case "GET  0" -> ApiAnswer.ok(index());
                case "GET ledger 1" -> ApiAnswer.ok(summary());
                case "GET ledger 3" -> ApiAnswer.ok(entries(number(parts.get(1)), number(parts.get(2))));
                case "DELETE ledger 1" -> {
                    simulator.ledger().clear();
                    yield ApiAnswer.TRUE;
                }
                case "GET faults 1" -> ApiAnswer.ok(faults());
                case "POST faults 1" -> {
                    simulator.faults().add(FaultJson.rule(call));
                    yield ApiAnswer.ok(faults());
                }
                case "DELETE faults 1" -> {
                    simulator.faults().clear();
                    yield ApiAnswer.TRUE;
                }
                case "POST bots 1" -> ApiAnswer.ok(addBot(call));
                case "POST bots 2" -> {
                    simulator.setBotLimit(number(parts.get(1)), limit(call));
                    yield ApiAnswer.TRUE;
                }
                case "POST chats 2" -> {
                    simulator.setChat(number(parts.get(1)), state(call));
                    yield ApiAnswer.TRUE;
                }
                case "POST users 3" -> ApiAnswer.ok(user(number(parts.get(1)), parts.get(2), call));
                default -> throw Refusal.notFound();
            };
        } catch (IllegalArgumentException | IllegalStateException wrong) {
            throw Refusal.badRequest(String.valueOf(wrong.getMessage()));
        }
    }

    private static ObjectNode index() {
        ObjectNode index = JsonNodeFactory.instance.objectNode();
        index.put(
                "GET /simulator/ledger",
                "counts by bot and chat; /{bot}/{chat}: what that chat received; DELETE forgets it");
        index.put(
                "POST /simulator/faults",
                "effect, duration_ms, retry_after, method, bot, chat, skip, times, probability; also GET, DELETE");
        index.put(
                "POST /simulator/users/{id}/messages",
                "bot, text, chat; /edits: message_id, too; /presses: bot, message_id, data, chat");
        index.put(
                "POST /simulator/chats/{id}",
                "state: reachable, blocked, deactivated, kicked, not_found, migrated (to), flooded (retry_after), broken");
        index.put(
                "POST /simulator/bots",
                "id, name; answers the token; /{id}: limit, window_ms: what it may send from now on");
        return index;
    }

    private static FloodLimits.Limit limit(ApiCall call) {
        return new FloodLimits.Limit(call.number("limit", 0), Duration.ofMillis(call.number("window_ms", 1_000)));
    }

    private ObjectNode summary() {
        Ledger ledger = simulator.ledger();
        ObjectNode summary = JsonNodeFactory.instance.objectNode();
        summary.put("accepted", ledger.count(Outcome.ACCEPTED));
        summary.put("flooded", ledger.count(Outcome.FLOODED));
        summary.put("refused", ledger.count(Outcome.REFUSED));
        summary.put("entries_dropped", ledger.dropped());
        ArrayNode bots = summary.putArray("bots");
        for (long bot : ledger.bots()) {
            List<LedgerEntry> received = ledger.received(bot);
            ObjectNode one = bots.addObject();
            one.put("bot", bot);
            one.put("accepted", ledger.count(bot, Outcome.ACCEPTED));
            one.put("flooded", ledger.count(bot, Outcome.FLOODED));
            one.put("refused", ledger.count(bot, Outcome.REFUSED));
            one.put(
                    "most_in_a_second",
                    WindowPeak.of(received, Duration.ofSeconds(1)).weight());
            one.put("contents_received_twice", ledger.duplicates(bot).size());
            ArrayNode chats = one.putArray("chats");
            Map<Long, List<LedgerEntry>> byChat = received.stream().collect(Collectors.groupingBy(LedgerEntry::chat));
            byChat.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .limit(MOST_ENTRIES)
                    .forEach(chat -> chats.addObject()
                            .put("chat", chat.getKey())
                            .put(
                                    "messages",
                                    chat.getValue().stream()
                                            .mapToLong(LedgerEntry::weight)
                                            .sum())
                            .put(
                                    "most_in_a_second",
                                    WindowPeak.of(chat.getValue(), Duration.ofSeconds(1))
                                            .weight()));
        }
        return summary;
    }

    private ArrayNode entries(long bot, long chat) {
        ArrayNode entries = JsonNodeFactory.instance.arrayNode();
        List<LedgerEntry> all = simulator.ledger().entries(bot).stream()
                .filter(entry -> entry.chat() == chat)
                .toList();
        all.subList(Math.max(0, all.size() - MOST_ENTRIES), all.size())
                .forEach(entry -> entries.addObject()
                        .put("sequence", entry.sequence())
                        .put("method", entry.method())
                        .put("outcome", FaultJson.name(entry.outcome()))
                        .put("error_code", entry.errorCode())
                        .put("retry_after", entry.retryAfter())
                        .put("message_id", entry.messageId())
                        .put("weight", entry.weight())
                        .put("monotonic_micros", entry.monotonicMicros())
                        .put("wall_micros", entry.wallMicros())
                        .put("digest", entry.digest().toString())
                        .put("text", entry.text()));
        return entries;
    }

    private ArrayNode faults() {
        ArrayNode faults = JsonNodeFactory.instance.arrayNode();
        simulator.faults().all().forEach(fault -> faults.add(FaultJson.of(fault)));
        return faults;
    }

    private ObjectNode addBot(ApiCall call) {
        BotAccount account =
                simulator.addBot(required(call, "id"), call.text("name").orElse("Bot"));
        return MessageShape.botUser(account).put("token", account.token());
    }

    private static ChatState state(ApiCall call) {
        String state = call.text("state").orElse("");
        return switch (state) {
            case "reachable" -> new ChatState.Reachable();
            case "blocked" -> new ChatState.Blocked();
            case "deactivated" -> new ChatState.Deactivated();
            case "kicked" -> new ChatState.Kicked();
            case "not_found" -> new ChatState.NotFound();
            case "migrated" -> new ChatState.Migrated(required(call, "to"));
            case "flooded" -> new ChatState.Flooded(call.number("retry_after", 1));
            case "broken" -> new ChatState.Broken(call.flag("html"));
            default -> throw Refusal.badRequest("unknown state");
        };
    }

    private ObjectNode user(long id, String action, ApiCall call) {
        SimulatedUser user = simulator.user(id);
        long bot = required(call, "bot");
        long chat = call.text("chat").map(ControlApi::number).orElse(id);
        String text = call.text("text").orElse("");
        ObjectNode done = JsonNodeFactory.instance.objectNode();
        switch (action) {
            case "messages" -> done.put("message_id", user.sendText(bot, chat, text));
            case "edits" -> user.edit(bot, chat, call.number("message_id", 0), text);
            case "presses" ->
                done.put(
                        "callback_query_id",
                        user.press(
                                bot,
                                chat,
                                call.number("message_id", 0),
                                call.text("data").orElse("")));
            default -> throw Refusal.notFound();
        }
        return done;
    }

    private static long required(ApiCall call, String parameter) {
        return call.text(parameter)
                .map(ControlApi::number)
                .orElseThrow(() -> Refusal.badRequest(parameter + " is missing"));
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw Refusal.badRequest("a number is expected where there is none");
        }
    }
}
