package dev.sluice.privacy;

import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/** What one part keeps of users, so that it can be forgotten. Thread-safe; blocks its (virtual) thread. */
public interface PersonalData {

    /** What reports call it, 1 to 32 of {@code a-z _}: the name of its keys, where it has keys. */
    String family();

    /**
     * Removes all that is kept of a user: their own things, and what lies in their private chat. To do it twice does no harm; what is written
     * meanwhile may stay. Looks through Redis in bounded pages where no index leads there. Must end by its own
     * deadlines: what is owed of other users waits for it in this process.
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
     * Removes what this process has of a user in its memory, since another process forgets them. That one does so in stores, which are not to be
     * asked here. Nothing for a part whose memory is a store, or that has none. Must not wait for anybody who asks for a level; if it fails, it is
     * not called again.
     */
    default void forgetHere(long user) {}

    /**
     * Likewise of several users, 1,000 at most: in one pass, where a part would have to look through all that it has for each. One after the other
     * unless a part can do better; one that fails keeps none of the others from being forgotten.
     */
    default void forgetHere(Set<Long> users) {
        forgetEach(users, this::forgetHere);
    }

    /**
     * Likewise copies only, which are read or loaded anew: what they are copies of was removed elsewhere, by forgetting or since the user's
     * level became {@link PrivacyLevel#NONE}.
     */
    default void forgetCopiesHere(long user) {}

    /** Likewise of several users, as {@link #forgetHere(Set)}. */
    default void forgetCopiesHere(Set<Long> users) {
        forgetEach(users, this::forgetCopiesHere);
    }

    private static void forgetEach(Set<Long> users, LongConsumer forget) {
        Optional<Throwable> failure = Optional.empty();
        for (long user : users) {
            try {
                forget.accept(user);
            } catch (RuntimeException | Error e) {
                failure = Optional.of(e);
            }
        }
        switch (failure.orElse(null)) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> {}
        }
    }

    /** Removes what this process alone has of any user: another process has forgotten some, and nobody can tell any more whom. */
    default void forgetEverybodyHere() {}

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
