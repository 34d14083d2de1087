package dev.sluice.privacy;

/**
 * What is owed of a user since their level became {@link PrivacyLevel#NONE}, or since they were forgotten.
 *
 * @param name as the store has it: a number from 1 for a level's purges
 */
record Debt(String name) {
    /** To forget all that is kept. */
    static final Debt FORGETTING = new Debt("forget");

    /** @param which of the purges that one setting of a level owes, from 1 */
    static Debt ofLevel(int which) {
        return new Debt(Integer.toString(which));
    }

    boolean isForgetting() {
        return equals(FORGETTING);
    }
}
