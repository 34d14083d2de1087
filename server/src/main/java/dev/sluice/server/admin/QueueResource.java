package dev.sluice.server.admin;

import dev.sluice.queue.FailureClass;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.PauseScope;
import dev.sluice.queue.QueueStatistics;
import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.server.worker.QueueTotals;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** The queues in numbers; what is paused. */
public final class QueueResource implements Resource {
    private static final Shape COUNT = new Whole(0, Long.MAX_VALUE);
    private static final Shape SCOPE = Fields.of(
            Field.optional("chat", Text.matching("-?[0-9]{1,18}|@[A-Za-z0-9_]{1,63}"), "Only this chat."),
            Field.optional("priority", Text.matching("high|normal|low"), "Only this priority."));
    private static final Shape STATISTICS = new Shape.Named(
            "QueueStatistics",
            Fields.of(
                    Field.required("bot", MessageJson.BOT.shape(), MessageJson.BOT.description()),
                    Field.required("accepted", COUNT, "Ever: sent, failed, unknown and pending together."),
                    Field.required("sent", COUNT, "Telegram has them."),
                    Field.required("failed", new Shape.AnyObject(), "Will not be sent, by class."),
                    Field.required("unknown", COUNT, "Telegram may have them."),
                    Field.required("pending", COUNT, "All that is queued."),
                    Field.required("delayed", COUNT, "Of these, whose time has not come."),
                    Field.required("high", COUNT, "In their lanes, by priority."),
                    Field.required("normal", COUNT, "In their lanes, by priority."),
                    Field.required("low", COUNT, "In their lanes, by priority."),
                    Field.required("leased", COUNT, "Of these, being sent."),
                    Field.required("retrying", COUNT, "Of these, waiting for another attempt."),
                    Field.required("dead", COUNT, "Dead letters."),
                    Field.required("bound", COUNT, "How many pending, dead and unknown there may be."),
                    Field.required("paused", new Shape.Flag(), "Whether all of the bot is."),
                    Field.required("paused_priorities", new ListOf(Text.any(), 3), "Which priorities are."),
                    Field.required("paused_chats", COUNT, "How many chats are."),
                    Field.required(
                            "oldest",
                            new OrNull(Text.time()),
                            "When the oldest in a lane was accepted; in a large queue, of those that were looked at.")));

    private final MessageQueue queue;
    private final QueueTotals totals;

    public QueueResource(MessageQueue queue) {
        this.queue = queue;
        this.totals = new QueueTotals(queue);
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get("/queue/stats", "queueTotals", "The queues of all bots in numbers.")
                        .answers(
                                200,
                                "Leased messages count under their priority.",
                                Fields.of(
                                        Field.required(
                                                "stats", new Shape.AnyObject(), "high, normal, low, retry, dlq."),
                                        Field.required("total_queued", COUNT, "high, normal, low and retry together."),
                                        Field.required("total_failed", COUNT, "dlq."),
                                        Field.required("paused", COUNT, "How many bots are paused."),
                                        Field.required("unknown", COUNT, "Telegram may have them."),
                                        Field.required("delayed", COUNT, "Their time has not come.")))
                        .refuses(ProblemKind.STORE)
                        .by(request -> totals()),
                Operation.get("/v1/queue", "listQueues", "The queues of the bots, by their ids.")
                        .with(Paging.LIMIT, Paging.CURSOR)
                        .answers(
                                200,
                                "A page.",
                                Fields.of(
                                        Field.required("queues", new ListOf(STATISTICS, 200), "By the bots' ids."),
                                        Paging.NEXT))
                        .refuses(ProblemKind.STORE)
                        .by(this::list),
                Operation.get("/v1/queue/{bot}", "getQueue", "A bot's queue; all zero if it has none.")
                        .with(MessageJson.BOT)
                        .answers(200, "Its queue.", STATISTICS)
                        .refuses(ProblemKind.STORE)
                        .by(request -> AdminResponse.json(200, json(MessageJson.bot(request)))),
                Operation.post("/v1/queue/{bot}/pause", "pauseQueue", "Lets nothing be sent until it is resumed.")
                        .with(MessageJson.BOT)
                        .takes(SCOPE)
                        .answers(204, "It is paused; what is in flight goes on.")
                        .refuses(ProblemKind.STORE)
                        .by(request -> {
                            queue.pause(MessageJson.bot(request), scope(request.body()));
                            return AdminResponse.noContent();
                        }),
                Operation.post("/v1/queue/{bot}/resume", "resumeQueue", "Ends a pause of the same scope.")
                        .with(MessageJson.BOT)
                        .takes(SCOPE)
                        .answers(204, "It goes on.")
                        .refuses(ProblemKind.STORE)
                        .by(request -> {
                            queue.resume(MessageJson.bot(request), scope(request.body()));
                            return AdminResponse.noContent();
                        }));
    }

    private AdminResponse totals() {
        var now = totals.now();
        var stats = new LinkedHashMap<String, Object>();
        for (Priority priority : Priority.values()) {
            long retrying = now.retrying().getOrDefault(priority, 0L);
            stats.put(priority.toString(), now.depth().getOrDefault(priority, 0L) - retrying);
        }
        stats.put("retry", now.retryingInAll());
        stats.put("dlq", now.dead());
        var json = new LinkedHashMap<String, Object>();
        json.put("stats", stats);
        json.put("total_queued", now.pending() - now.delayed());
        json.put("total_failed", now.dead());
        json.put("paused", now.paused());
        json.put("unknown", now.unknown());
        json.put("delayed", now.delayed());
        return AdminResponse.json(200, json);
    }

    private AdminResponse list(AdminRequest request) {
        int limit = Math.toIntExact(request.get(Paging.LIMIT));
        long after = request.get(Paging.CURSOR);
        var found = queue.bots().stream()
                .map(BotId::value)
                .filter(bot -> bot > after)
                .sorted()
                .limit(limit + 1L)
                .toList();
        var page = found.subList(0, Math.min(limit, found.size()));
        var json = new LinkedHashMap<String, Object>();
        json.put("queues", page.stream().map(bot -> json(new BotId(bot))).toList());
        json.put("next_cursor", found.size() > limit ? Paging.after(page.getLast()) : null);
        return AdminResponse.json(200, json);
    }

    private static PauseScope scope(JsonNode body) {
        if (body.has("chat") && body.has("priority")) {
            throw Problem.malformed(List.of(new Violation("", "must have chat or priority, not both")))
                    .asRefusal();
        }
        if (body.has("chat")) {
            return new PauseScope.OneChat(new ChatId(body.path("chat").asString()));
        }
        return body.has("priority")
                ? new PauseScope.OnePriority(
                        Priority.parse(body.path("priority").asString()).orElseThrow())
                : new PauseScope.WholeBot();
    }

    private Map<String, Object> json(BotId bot) {
        QueueStatistics now = queue.statistics(bot);
        var failed = new TreeMap<String, Object>();
        for (FailureClass failure : FailureClass.values()) {
            failed.put(MessageJson.word(failure), now.failed().getOrDefault(failure, 0L));
        }
        var json = new LinkedHashMap<String, Object>();
        json.put("bot", bot.value());
        json.put("accepted", now.accepted());
        json.put("sent", now.sent());
        json.put("failed", failed);
        json.put("unknown", now.unknown());
        json.put("pending", now.pending());
        json.put("delayed", now.delayed());
        json.put("high", now.depth().getOrDefault(Priority.HIGH, 0L) + now.vip());
        json.put("normal", now.depth().getOrDefault(Priority.NORMAL, 0L));
        json.put("low", now.depth().getOrDefault(Priority.LOW, 0L));
        json.put("leased", now.leased());
        json.put("retrying", now.retryingInAll());
        json.put("dead", now.dead());
        json.put("bound", now.bound());
        json.put("paused", now.botPaused());
        json.put(
                "paused_priorities",
                now.pausedPriorities().stream().sorted().map(Priority::toString).toList());
        json.put("paused_chats", now.pausedChats());
        json.put("oldest", now.oldest().map(Instant::toString).orElse(null));
        return json;
    }
}
