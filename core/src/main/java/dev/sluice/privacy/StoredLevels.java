package dev.sluice.privacy;

import java.time.Duration;
import java.util.Optional;

/** Levels, and the purges that are owed since some became {@link PrivacyLevel#NONE}. */
interface StoredLevels extends PrivacyLevels {

    /**
     * A purge that somebody has taken on.
     *
     * @param which of the purges that one change owes, from 1
     * @param lease identifies this taking; another one, or a later setting, has another
     */
    record Owed(int which, long user, long lease) {}

    /** What is to be forgotten of a process' memory. */
    enum Memory {
        /** All that is a user's. */
        ALL("all"),
        /** Copies of what is kept elsewhere. */
        COPIES("copies");

        private final String word;

        Memory(String word) {
            this.word = word;
        }

        /** As Redis has it. */
        String word() {
            return word;
        }
    }

    /**
     * Has the other processes forget what they have of a user in their memory; the caller forgets its own by itself, nothing later than this.
     *
     * @throws dev.sluice.redis.RedisUnavailableException if the store does not answer: then they may have been told
     */
    void tellToForget(Memory what, long user);

    /** Whether any is due, as far as is known here. Never waits. */
    boolean purgesDue();

    /** For how long a purge is left to who took it on, unless renewed. */
    Duration PURGE_LEASE = Duration.ofMinutes(1);

    /** Takes on one that is due, if any is; it is due again for others after {@link #PURGE_LEASE}. */
    Optional<Owed> takePurge();

    /**
     * Keeps it from others for another {@link #PURGE_LEASE} from now.
     *
     * @return the purge under its new lease; empty if it is the caller's no more
     */
    Optional<Owed> renew(Owed taken);

    /** It was done, and is owed no more unless it became so again. */
    void purged(Owed done);
}
