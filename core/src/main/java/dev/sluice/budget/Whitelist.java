package dev.sluice.budget;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Users who are exempt from a budget. Immutable. A name is its holder's to change, and somebody else may take it: ids are safer.
 *
 * @param ids users by their ids
 * @param usernames users by their names, as {@link BudgetUser} has them
 */
public record Whitelist(Set<Long> ids, Set<String> usernames) {
    public static final Whitelist NOBODY = new Whitelist(Set.of(), Set.of());

    /** What {@link #of} accepts. */
    public static final String ACCEPTS = "users' ids and usernames, with or without @";

    /** Telegram's own names are 32 long at most and begin with a letter; a number is an id. */
    private static final String USERNAME = "[a-z][a-z0-9_]{0,63}";

    public Whitelist {
        ids = Set.copyOf(ids);
        usernames = Set.copyOf(usernames);
    }

    /**
     * Tells ids from names; empty entries are left out.
     *
     * @throws IllegalArgumentException if one is neither; says which, and nobody's name
     */
    public static Whitelist of(List<String> entries) {
        var ids = new HashSet<Long>();
        var usernames = new HashSet<String>();
        for (int i = 0; i < entries.size(); i++) {
            String entry = BudgetUser.plain(entries.get(i));
            if (entry.matches("[0-9]{1,18}") && Long.parseLong(entry) > 0) {
                ids.add(Long.parseLong(entry));
            } else if (entry.matches(USERNAME)) {
                usernames.add(entry);
            } else if (!entries.get(i).isBlank()) {
                throw new IllegalArgumentException("entry " + (i + 1) + " is neither a user's id nor a username");
            }
        }
        return new Whitelist(ids, usernames);
    }

    public boolean contains(BudgetUser user) {
        return ids.contains(user.id())
                || user.username().filter(usernames::contains).isPresent();
    }

    /** How many are on it. */
    public int size() {
        return ids.size() + usernames.size();
    }

    /** Without anybody's name. */
    @Override
    public String toString() {
        return "whitelist of " + size();
    }
}
