package dev.sluice.simulator;

import dev.sluice.simulator.LedgerEntry.Outcome;
import dev.sluice.simulator.Turn.Done;
import io.vertx.core.Future;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The methods of the Bot API: finds the one that was called, runs it under its bot's lock and writes the ledger. Thread-safe. */
final class BotApi {
    /** One method; throws {@link Refusal} for every error. */
    interface Method {
        Done call(Turn turn);
    }

    private final Map<String, Method> methods = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, String> spellings = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Chats chats;
    private final Ledger ledger;
    private final SimulatorClock clock;

    BotApi(Chats chats, Ledger ledger, SimulatorClock clock) {
        this.chats = chats;
        this.ledger = ledger;
        this.clock = clock;
        add("getMe", turn -> Done.of(ApiAnswer.ok(MessageShape.botUser(turn.bot().account())
                .put("can_join_groups", true)
                .put("can_read_all_group_messages", false)
                .put("supports_inline_queries", false))));
        add("sendMessage", SendingText::sendMessage);
    }

    /** The documentation's spelling of a method's name, or the name itself if there is no such method. */
    String spelling(String name) {
        return spellings.getOrDefault(name, name);
    }

    Future<ApiAnswer> call(Bot bot, ApiCall call) {
        Method method = methods.get(call.method());
        ledger.countCall(bot.id(), method == null ? "unknown" : call.method());
        if (method == null) {
            return Future.succeededFuture(ApiAnswer.of(Refusal.of(404, "Not Found: method not found")));
        }
        synchronized (bot) {
            return Future.succeededFuture(run(method, new Turn(bot, call, chats, clock, clock.nanos())));
        }
    }

    private ApiAnswer run(Method method, Turn turn) {
        try {
            Done done = method.call(turn);
            if (done.chat() != null) {
                record(turn, done.chat().id(), Outcome.ACCEPTED, 0, 0, done.messageId(), done.weight());
            }
            return done.answer();
        } catch (Refusal refusal) {
            Chat chat = chatOf(turn.call());
            if (chat != null) {
                Outcome outcome = refusal.code() == 429 ? Outcome.FLOODED : Outcome.REFUSED;
                record(turn, chat.id(), outcome, refusal.code(), refusal.retryAfter(), 0, 0);
            }
            return ApiAnswer.of(refusal);
        }
    }

    private void record(Turn turn, long chat, Outcome outcome, int code, int retryAfter, int messageId, int weight) {
        ledger.record(turn.bot().id(), chat, turn.call(), outcome, code, retryAfter, messageId, weight, turn.nanos());
    }

    /** The chat that a call names, if it names one. */
    @Nullable Chat chatOf(ApiCall call) {
        try {
            return call.text("chat_id").map(chats::find).orElse(null);
        } catch (Refusal notAChat) {
            return null;
        }
    }

    private void add(String name, Method method) {
        methods.put(name, method);
        spellings.put(name.toLowerCase(Locale.ROOT), name);
    }
}
