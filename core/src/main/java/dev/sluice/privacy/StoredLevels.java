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
