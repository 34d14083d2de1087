package dev.sluice.keys;

/** What whoever reads Redis can read of a key's value. */
public enum KeyContent {
    /** Ids, numbers, digests. */
    IDS("ids"),
    /** Also words that programs and operators chose. */
    WORDS("words"),
    /** What users wrote, tokens and results, encrypted. */
    SEALED("sealed"),
    /** Encrypted if its cache says so. */
    SEALED_ON_REQUEST("sealed?");

    private final String word;

    KeyContent(String word) {
        this.word = word;
    }

    /** As it stands in the table. */
    public String word() {
        return word;
    }
}
