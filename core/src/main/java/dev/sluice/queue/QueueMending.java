package dev.sluice.queue;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a queue's steps. One that fails on what another program wrote, or cut, would fail for all chats of the bot for ever: that is taken out
 * then, and the step is run once more. What the failed one had written stays, which the same again completes. Costs nothing while none
 * fails. Thread-safe.
 *
 * @param settling for taking out
 */
record QueueMending(ScriptRunner settling, KeySpace keys) {
    private static final Logger log = LoggerFactory.getLogger(QueueMending.class);

    ScriptReply run(ScriptRunner runner, Script script, BotId bot, List<String> names, List<byte[]> arguments) {
        try {
            return runner.run(script, names, arguments);
        } catch (RedisScriptException e) {
            if (!mend(bot)) {
                throw e;
            }
            return runner.run(script, names, arguments);
        }
    }

    /** Takes out what cannot be read of what chats would send next. @return whether there was anything */
    boolean mend(BotId bot) {
        ScriptReply reply = settling.run(QueueScripts.MEND, QueueScripts.keys(bot, keys), List.of());
        boolean mended = reply.number(0) + reply.number(1) + reply.number(2) > 0;
        if (mended) {
            log.atWarn()
                    .addKeyValue("bot", bot)
                    .addKeyValue("messages", reply.number(0))
                    .addKeyValue("chats", reply.number(1))
                    .addKeyValue("limits", reply.number(2))
                    .log("what another program wrote into a queue's keys cannot be read and is gone; all else goes on");
        }
        return mended;
    }
}
