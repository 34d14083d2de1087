package dev.sluice.server.gateway;

import java.nio.file.Path;

/**
 * How much of the callers' bodies is kept until their calls have ended.
 *
 * @param directory where large bodies go; their files have no name there once they are open, so nothing stays behind
 * @param memoryPerCall bytes of one body kept in memory, beyond it goes to a file; 0 or more
 * @param memoryTotal bytes of all bodies kept in memory, beyond it even small ones go to a file; 0 or more
 * @param upload bytes of one body, else 413
 * @param total bytes of all bodies, else 413
 */
public record SpoolSettings(Path directory, int memoryPerCall, long memoryTotal, long upload, long total) {
    /** Bodies without uploads are rarely longer. */
    private static final int MEMORY_PER_CALL = 64 << 10;

    private static final long MEMORY_TOTAL = 128L << 20;

    /** Telegram takes files of 50 MB. */
    private static final long UPLOAD = 55L << 20;

    private static final long TOTAL = 1L << 30;

    public SpoolSettings {
        if (memoryPerCall < 0 || memoryTotal < 0 || upload < 1 || total < 1) {
            throw new IllegalArgumentException("spool bounds must not be negative, nor upload and total zero");
        }
    }

    public static SpoolSettings in(Path directory) {
        return new SpoolSettings(directory, MEMORY_PER_CALL, MEMORY_TOTAL, UPLOAD, TOTAL);
    }

    public SpoolSettings withUpload(long bytes) {
        return new SpoolSettings(directory, memoryPerCall, memoryTotal, bytes, total);
    }

    public SpoolSettings withTotal(long bytes) {
        return new SpoolSettings(directory, memoryPerCall, memoryTotal, upload, bytes);
    }

    public SpoolSettings withMemory(int perCall, long all) {
        return new SpoolSettings(directory, perCall, all, upload, total);
    }
}
