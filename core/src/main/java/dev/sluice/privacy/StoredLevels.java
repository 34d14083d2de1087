package dev.sluice.privacy;

import java.util.List;

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

    /** Takes on those that are due, at most ten; they are due again for others after a minute. */
    List<Owed> takePurges();

    /** It was done, and is owed no more unless it became so again. */
    void purged(Owed done);
}
