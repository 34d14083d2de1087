package dev.sluice.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/** How long lists are read: page by page, each naming where the next begins. */
final class Paging {
    private static final int MOST = 200;
    private static final int USUAL = 50;

    /** So that a text which is none is told from a cursor. */
    private static final String MARK = "after:";

    /** The longest page that the caller wants. */
    static final Parameter<Long> LIMIT =
            Parameter.queryNumber("limit", 1, MOST, USUAL, "How many to list at most; " + USUAL + " unless given.");

    /** The number of what the last page ended with; 0 for the first page. */
    static final Parameter<Long> CURSOR = Parameter.query(
            "cursor",
            Shape.Text.any(),
            "the next_cursor of an earlier page",
            Paging::position,
            0L,
            "The next_cursor of the page before.");

    /** What a page says where the next begins; null after the last. */
    static final Shape.Field NEXT = Shape.Field.required(
            "next_cursor", new Shape.OrNull(Shape.Text.any()), "Where the next page begins; null if this is the last.");

    private Paging() {}

    /** The cursor of the page that begins after a number. */
    static String after(long position) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString((MARK + position).getBytes(UTF_8));
    }

    private static long position(String cursor) {
        var text = new String(Base64.getUrlDecoder().decode(cursor), UTF_8);
        if (!text.startsWith(MARK)) {
            throw new IllegalArgumentException();
        }
        return Long.parseLong(text.substring(MARK.length()));
    }
}
