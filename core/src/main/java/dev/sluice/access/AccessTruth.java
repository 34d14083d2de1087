package dev.sluice.access;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.util.Optional;
import java.util.Set;

/** Where it is really kept who has access. Thread-safe; may block. */
public interface AccessTruth {

    /** @return empty if the user is not known */
    Optional<AccessState> find(BotId bot, long user) throws Exception;

    /** One that is written to by whoever decides about access, and keeps what it is told. */
    interface Settable extends AccessTruth {
        @Override
        Optional<AccessState> find(BotId bot, long user);

        void set(BotId bot, long user, AccessState state);

        /** @return whether there was anything */
        boolean remove(BotId bot, long user);

        /** The bots of which anything is known of a user. Looks through everything: for what is asked for seldom. */
        Set<BotId> bots(long user);
    }

    /** For one process, until it ends: of at most 1,000,000 users. */
    static Settable inMemory() {
        return new InMemoryAccessTruth(1_000_000);
    }

    /** Shared by all processes on one Redis, which must not evict it. Throws if Redis does not answer. */
    static Settable onRedis(ScriptRunner redis, KeySpace keys) {
        return new RedisAccessTruth(redis, keys);
    }
}
