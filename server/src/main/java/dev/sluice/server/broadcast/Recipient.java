package dev.sluice.server.broadcast;

import java.util.Arrays;

/**
 * Who is sent to.
 *
 * @param chat its id
 * @param own parameters that hold for it alone, as a JSON object without the chat; empty if there are none
 */
public record Recipient(long chat, byte[] own) {
    private static final byte[] NOTHING = {};

    static Recipient of(long chat) {
        return new Recipient(chat, NOTHING);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Recipient recipient && chat == recipient.chat && Arrays.equals(own, recipient.own);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(chat);
    }

    /** Without what is said to it. */
    @Override
    public String toString() {
        return "Recipient[" + chat + "]";
    }
}
