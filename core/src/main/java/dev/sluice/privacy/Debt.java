package dev.sluice.privacy;

import java.util.Optional;

/**
 * What is owed of a user since their level became {@link PrivacyLevel#NONE}, or since they were forgotten.
 *
 * @param word as the store has it: a number from 1 for a level's purges
 * @param family of which alone it is owed, since that failed; empty for all
 */
record Debt(String word, Optional<String> family) {
    /** To forget all that is kept. */
    static final Debt FORGETTING = new Debt("forget", Optional.empty());

    /** To purge texts that were being written while it was done. */
    static final Debt AGAIN = new Debt("again", Optional.empty());

    private static final char BEFORE_FAMILY = '-';

    /** @param which of the purges that one setting of a level owes, from 1 */
    static Debt ofLevel(int which) {
        return new Debt(Integer.toString(which), Optional.empty());
    }

    Debt ofFamily(String one) {
        return new Debt(word, Optional.of(one));
    }

    boolean isForgetting() {
        return word.equals(FORGETTING.word);
    }

    /** Whether nobody wants it done who wants to keep a user's texts. */
    boolean isOfLevel() {
        return !isForgetting() && !word.equals(AGAIN.word);
    }

    /** As the store has it. */
    String name() {
        return word + family.map(one -> BEFORE_FAMILY + one).orElse("");
    }

    static Debt named(String name) {
        int end = name.indexOf(BEFORE_FAMILY);
        return end < 0
                ? new Debt(name, Optional.empty())
                : new Debt(name.substring(0, end), Optional.of(name.substring(end + 1)));
    }
}
