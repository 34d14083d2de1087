package dev.sluice.queue;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.MendListener;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a queue's steps. One that fails on what another program wrote, or cut, would fail for all chats of the bot for ever: that is taken out
 * then, and the step is run once more. What the failed one had written stays, which the same again completes. Costs nothing while none
 * fails. Thread-safe.
 *
 * <p>Where a chat's lane or what all chats share was taken out, all keys are looked through for what stood there, in steps that hold nobody up: each
 * message that can be read gets its place back. Who claims goes on with that if the process that began it dies.
 *
 * @param settling for taking out
 * @param listener hears what was taken out
 */
record QueueMending(ScriptRunner settling, KeySpace keys, MendListener listener) {
    private static final Logger log = LoggerFactory.getLogger(QueueMending.class);

    /** What a reply tells the numbers of, in its order. */
    private static final List<String> KINDS = List.of("message", "chat", "limit", "place", "state");

    /** Some 100 microseconds of Redis, and more for each that had no place. */
    private static final int KEYS_LOOKED_AT = 200;

    /** Between two steps; then others go on. */
    private static final Duration STEP_LEASE = Duration.ofSeconds(10);

    /** For how long whoever found it waits: others would find what is not yet back as if it were not there. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final String START = "0";

    ScriptReply run(ScriptRunner runner, Script script, BotId bot, List<String> names, List<byte[]> arguments) {
        try {
            return runner.run(script, names, arguments);
        } catch (RedisScriptException e) {
            Found found = takeOut(bot);
            if (!found.anything()) {
                throw e;
            }
            try {
                return runner.run(script, names, arguments);
            } finally {
                // After what the step had begun is whole, or what it left half done would be counted.
                if (found.leavesGaps()) {
                    rebuild(bot);
                }
            }
        }
    }

    /** Takes out what cannot be read of what chats would send next, and of what all share. */
    void mend(BotId bot) {
        if (takeOut(bot).leavesGaps()) {
            rebuildBeside(bot);
        }
    }

    private Found takeOut(BotId bot) {
        ScriptReply reply = settling.run(QueueScripts.MEND, QueueScripts.keys(bot, keys), List.of());
        boolean anything = false;
        for (int i = 0; i < KINDS.size(); i++) {
            if (reply.number(i) > 0) {
                anything = true;
                log.atWarn()
                        .addKeyValue("bot", bot)
                        .addKeyValue("what", KINDS.get(i))
                        .addKeyValue("count", reply.number(i))
                        .log(
                                "what another program wrote into a queue's keys cannot be read and is gone; all else goes on");
                listener.mended(QueueScripts.FAMILY, KINDS.get(i), reply.number(i));
            }
        }
        return new Found(anything, reply.number(KINDS.size()) == 1);
    }

    /**
     * What was taken out.
     *
     * @param leavesGaps whether what stood there is to be found
     */
    private record Found(boolean anything, boolean leavesGaps) {}

    /** As {@link #rebuild}, beside the caller. */
    void rebuildBeside(BotId bot) {
        goOnBeside(bot, new Progress(START, 0));
    }

    /**
     * Gives all that has no place its own: while the caller waits for a second, and then beside it. What was being done when this ends midway is done
     * again by whoever claims.
     */
    private void rebuild(BotId bot) {
        long begun = System.nanoTime();
        var progress = new Progress(START, 0);
        try {
            do {
                progress = step(bot, progress);
            } while (!progress.isDone() && System.nanoTime() - begun < PATIENCE.toNanos());
        } catch (RedisUnavailableException | RedisScriptException e) {
            return; // it stays owed
        }
        if (progress.isDone()) {
            tell(bot, progress);
        } else {
            goOnBeside(bot, progress);
        }
    }

    private void goOnBeside(BotId bot, Progress from) {
        Thread.ofVirtual().name("queue-rebuild").start(() -> {
            try {
                var progress = from;
                do {
                    progress = step(bot, progress);
                } while (!progress.isDone());
                tell(bot, progress);
            } catch (RedisUnavailableException | RedisScriptException e) {
                // It stays owed.
            }
        });
    }

    private Progress step(BotId bot, Progress progress) {
        ScriptReply reply = settling.run(
                QueueScripts.REBUILD,
                QueueScripts.keys(bot, keys),
                List.of(
                        MessageRecord.ascii(progress.cursor()),
                        MessageRecord.ascii(Integer.toString(KEYS_LOOKED_AT)),
                        MessageRecord.ascii(Long.toString(MessageRecord.micros(STEP_LEASE)))));
        return new Progress(reply.text(0), progress.found() + reply.number(1));
    }

    private static void tell(BotId bot, Progress done) {
        log.atWarn()
                .addKeyValue("bot", bot)
                .addKeyValue("found", done.found())
                .log("messages and chats of a queue that another program had left without a place have theirs again");
    }

    /**
     * How far it is.
     *
     * @param cursor where to go on, {@link #START} at the end
     * @param found how many had no place
     */
    private record Progress(String cursor, long found) {
        boolean isDone() {
            return cursor.equals(START);
        }
    }
}
