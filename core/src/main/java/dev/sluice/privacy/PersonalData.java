package dev.sluice.privacy;

import java.util.function.LongUnaryOperator;

/** What one part keeps of users, so that it can be forgotten. Thread-safe; blocks its (virtual) thread. */
public interface PersonalData {

    /** What reports call it, 1 to 32 of {@code a-z _}: the name of its keys, where it has keys. */
    String family();

    /**
     * Removes all that is kept of a user: their own things, and what lies in their private chat. To do it twice does no harm; what is written
     * meanwhile may stay. Looks through Redis in bounded pages where no index leads there.
     *
     * @param user 1 or more
     * @return how many things were removed, counted as the part counts them; 0 if there was nothing
     * @throws RuntimeException if not all could be removed; some may have been
     */
    long forget(long user);

    /**
     * Removes what holds a user's text, and no more: what is done when their level becomes {@link PrivacyLevel#NONE}. All of it, unless a part
     * can tell them apart.
     *
     * @return as {@link #forget}
     */
    default long forgetText(long user) {
        return forget(user);
    }

    /**
     * A part that has no texts of users, or none that must be purged.
     *
     * @param forget as {@link #forget}
     */
    static PersonalData withoutText(String family, LongUnaryOperator forget) {
        return new PersonalData() {
            @Override
            public String family() {
                return family;
            }

            @Override
            public long forget(long user) {
                return forget.applyAsLong(user);
            }

            @Override
            public long forgetText(long user) {
                return 0;
            }
        };
    }
}
