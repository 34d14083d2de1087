package dev.sluice.queue;

import dev.sluice.idempotency.ClaimScript;
import dev.sluice.limit.Decision;
import dev.sluice.redis.ScriptReply;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the queue's scripts answer. */
final class QueueReplies {
    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");

    private static final String CLAIMED = "claimed-";

    private static final String[] RANKS = {"v", "h", "n", "l"};

    private QueueReplies() {}

    /** What the scripts call a priority. */
    static String rank(Priority priority) {
        return RANKS[MessageRecord.rank(priority)];
    }

    static Enqueued enqueued(BotId bot, ScriptReply reply, int at) {
        String word = reply.text(at);
        if (word.startsWith(CLAIMED)) {
            return new Enqueued.Claimed(ClaimScript.standing(word.substring(CLAIMED.length())));
        }
        long number = reply.number(at + 1);
        return switch (word) {
            case "added" -> new Enqueued.Added(new MessageId(bot, number));
            case "known" -> new Enqueued.Known(new MessageId(bot, number));
            case "mismatch" -> new Enqueued.Mismatch(new MessageId(bot, number));
            case "full" -> new Enqueued.Full(number);
            default -> throw unexpected(reply, at);
        };
    }

    static Why.Hold hold(ScriptReply reply) {
        Duration remaining = MessageRecord.duration(reply.number(3));
        return switch (reply.text(2)) {
            case "ended" -> new Why.Hold.Ended();
            case "not-before" -> new Why.Hold.NotBefore(remaining);
            case "in-flight" -> new Why.Hold.InFlight(remaining);
            case "backoff" -> new Why.Hold.Backoff(remaining);
            case "nothing" -> new Why.Hold.Nothing();
            case "limited" -> new Why.Hold.Limited(reply.text(4), Decision.Cause.valueOf(reply.text(5)), remaining);
            case "paused-bot" -> new Why.Hold.Paused(new PauseScope.WholeBot());
            case "paused-chat" -> new Why.Hold.Paused(new PauseScope.OneChat(new ChatId(reply.text(4))));
            case "paused-priority" -> new Why.Hold.Paused(new PauseScope.OnePriority(priority(reply.text(4))));
            default -> throw unexpected(reply, 2);
        };
    }

    private static Priority priority(String rank) {
        for (Priority priority : Priority.values()) {
            if (rank(priority).equals(rank)) {
                return priority;
            }
        }
        throw new IllegalStateException("no priority has the rank " + rank);
    }

    /** @param bound how many may be queued */
    static QueueStatistics statistics(ScriptReply reply, long bound) {
        var state = new HashMap<String, Long>();
        for (int i = 6; i < reply.size(); i += 2) {
            if (WHOLE.matcher(reply.text(i + 1)).matches()) { // else another program wrote there
                state.put(reply.text(i), Long.parseLong(reply.text(i + 1)));
            }
        }
        var failed = new EnumMap<FailureClass, Long>(FailureClass.class);
        for (int i = 0; i < MessageRecord.FAILURES.size(); i++) {
            failed.put(MessageRecord.FAILURES.get(i), state.getOrDefault("failed:" + (i + 1), 0L));
        }
        var depth = new EnumMap<Priority, Long>(Priority.class);
        var retrying = new EnumMap<Priority, Long>(Priority.class);
        var paused = EnumSet.noneOf(Priority.class);
        for (Priority priority : Priority.values()) {
            String rank = rank(priority);
            depth.put(priority, state.getOrDefault("depth:" + rank, 0L));
            long vips = priority == Priority.HIGH ? state.getOrDefault("retrying:v", 0L) : 0;
            retrying.put(priority, vips + state.getOrDefault("retrying:" + rank, 0L));
            if (state.containsKey("paused:" + rank)) {
                paused.add(priority);
            }
        }
        return new QueueStatistics(
                state.getOrDefault("accepted", 0L),
                state.getOrDefault("sent", 0L),
                failed,
                reply.number(3),
                reply.number(0),
                state.getOrDefault("depth:v", 0L),
                depth,
                reply.number(1),
                retrying,
                reply.number(2),
                bound,
                state.containsKey("paused"),
                paused,
                reply.number(4),
                reply.number(5) < 0 ? Optional.empty() : Optional.of(MessageRecord.instant(reply.number(5))));
    }

    private static IllegalStateException unexpected(ScriptReply reply, int at) {
        return new IllegalStateException("script " + reply.script() + " answered an unknown word: " + reply.text(at));
    }
}
