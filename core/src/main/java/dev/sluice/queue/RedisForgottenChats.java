package dev.sluice.queue;

import dev.sluice.privacy.PersonalData;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.util.List;

/** Looks through the messages of all bots for those to one user. No message has a list for that, which would cost all of them. */
final class RedisForgottenChats implements PersonalData {
    /** Some 100 microseconds of Redis, and more for each that is found. */
    private static final int KEYS_LOOKED_AT = 200;

    private static final String START = "0";

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final QueueSettings settings;
    private final QueueRegistry registry;
    private final QueueMending mending;

    /** @param redis with the longer deadline */
    RedisForgottenChats(
            ScriptRunner redis, KeySpace keys, QueueSettings settings, QueueRegistry registry, QueueMending mending) {
        this.redis = redis;
        this.keys = keys;
        this.settings = settings;
        this.registry = registry;
        this.mending = mending;
    }

    @Override
    public String family() {
        return QueueScripts.FAMILY;
    }

    @Override
    public long forget(long user) {
        return each(user, "1");
    }

    @Override
    public long forgetText(long user) {
        return each(user, "0");
    }

    private long each(long user, String all) {
        long changed = 0;
        for (BotId bot : registry.all()) {
            String cursor = START;
            do {
                ScriptReply reply = mending.run(
                        redis,
                        QueueScripts.FORGET_CHAT,
                        bot,
                        QueueScripts.keys(bot, keys),
                        List.of(
                                MessageRecord.ascii(cursor),
                                MessageRecord.ascii(Integer.toString(KEYS_LOOKED_AT)),
                                MessageRecord.ascii(Long.toString(user)),
                                MessageRecord.ascii(all),
                                MessageRecord.ascii(Long.toString(MessageRecord.micros(settings.keep())))));
                cursor = reply.text(0);
                changed += reply.number(1);
            } while (!cursor.equals(START));
        }
        return changed;
    }
}
