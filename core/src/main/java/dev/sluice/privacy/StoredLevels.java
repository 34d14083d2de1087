package dev.sluice.privacy;

import java.time.Duration;
import java.util.Optional;

/** Levels, and the purges that are owed since some became {@link PrivacyLevel#NONE} or were forgotten. */
interface StoredLevels extends PrivacyLevels {

    /**
     * A purge or a forgetting that somebody has taken on.
     *
     * @param which of those that one change owes
     * @param lease identifies this taking; another one, or a later setting, has another
     */
    record Owed(Debt which, long user, long lease) {}

    /**
     * Has the other processes forget all that they have of a user in their memory; the caller forgets its own by itself, nothing later than this. From the
     * same step on the forgetting of what is kept elsewhere is owed.
     *
     * @return the forgetting, which the caller has taken on; empty if {@link #MOST_OWED} are owed: then the others were told all the same
     * @throws dev.sluice.redis.RedisUnavailableException if the store does not answer: then they may have been told, and it may be owed
     */
    Optional<Owed> tellToForget(long user);

    /**
     * Has the other processes forget copies of what is kept elsewhere of a user; the caller its own by itself.
     *
     * @throws dev.sluice.redis.RedisUnavailableException if the store does not answer: then they may have been told
     */
    void tellToForgetCopies(long user);

    /** Whether any is due, as far as is known here. Never waits. */
    boolean purgesDue();

    /** For how long a purge is left to who took it on, unless renewed. */
    Duration PURGE_LEASE = Duration.ofMinutes(1);

    /** How many forgettings may be owed: about 100 MB. */
    int MOST_OWED = 1_000_000;

    /** Takes on the one that has been due for longest, if any is; it is due again for others after {@link #PURGE_LEASE}. */
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
