package dev.sluice.delivery;

import dev.sluice.limit.Waiter;
import java.security.SecureRandom;

/** Makes deliveries. */
public final class Deliveries {
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private Deliveries() {}

    /** An id for this process, unlike that of any other. */
    public static Waiter newProcess() {
        var random = new SecureRandom();
        var id = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            id.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return new Waiter(id.toString());
    }
}
