package dev.sluice.server.broadcast;

/**
 * Chats that were named already: eight bytes each in an open table that doubles, a third of it free. So the five millions
 * of the largest broadcast take 64 MB and not the half gigabyte of a set of objects. Not thread-safe.
 */
final class ChatSet {
    private long[] table = new long[1024];
    private int size;

    /** @param chat not 0, which marks what is free. @return false if it was there */
    boolean add(long chat) {
        if (!put(table, chat)) {
            return false;
        }
        size++;
        if (size > table.length / 3 * 2) {
            var larger = new long[table.length * 2];
            for (long each : table) {
                if (each != 0) {
                    put(larger, each);
                }
            }
            table = larger;
        }
        return true;
    }

    private static boolean put(long[] table, long chat) {
        // Fibonacci hashing: ids that follow each other are spread.
        int at = (int) (chat * 0x9E3779B97F4A7C15L >>> 32) & table.length - 1;
        while (table[at] != 0) {
            if (table[at] == chat) {
                return false;
            }
            at = at + 1 & table.length - 1;
        }
        table[at] = chat;
        return true;
    }
}
