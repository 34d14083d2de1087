package dev.sluice.budget;

import java.util.Locale;
import java.util.Optional;

/**
 * Who wants to consume. The name is only compared with the whitelist: it is neither kept nor shown.
 *
 * @param id Telegram's, above 0
 * @param username without {@code @}, in lower case
 */
public record BudgetUser(long id, Optional<String> username) {
    public BudgetUser {
        requireId(id);
        username = username.map(BudgetUser::plain).filter(name -> !name.isEmpty());
    }

    public static BudgetUser of(long id) {
        return new BudgetUser(id, Optional.empty());
    }

    /** @param username with or without {@code @}, in any case */
    public static BudgetUser of(long id, String username) {
        return new BudgetUser(id, Optional.of(username));
    }

    /** @throws IllegalArgumentException if it is no user's id */
    static void requireId(long id) {
        if (id <= 0) {
            throw new IllegalArgumentException("a user's id must be above 0, not " + id);
        }
    }

    /** As names are compared: trimmed, without {@code @}, in lower case. */
    static String plain(String username) {
        String name = username.strip();
        return (name.startsWith("@") ? name.substring(1) : name).strip().toLowerCase(Locale.ROOT);
    }

    /** Without the name. */
    @Override
    public String toString() {
        return "user " + id;
    }
}
