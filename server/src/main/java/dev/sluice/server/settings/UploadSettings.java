package dev.sluice.server.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Bounds of request bodies, which are spooled to disk.
 *
 * @param directory where; empty means the system's temporary folder
 * @param perRequest the largest body, in bytes
 * @param total what all bodies together may take, in bytes
 */
public record UploadSettings(Optional<Path> directory, long perRequest, long total) {
    /** Telegram takes files up to 50 MB; the rest is for the other parameters. */
    private static final String DEFAULT_PER_REQUEST = "55MB";

    /** Ten uploads at once, on a disk of which other programs live, too. */
    private static final String DEFAULT_TOTAL = "550MB";

    private static final long KB = 1L << 10;
    private static final long GB = 1L << 30;

    static final Setting<Path> SPOOL_DIR = Setting.withoutDefault(
            "SLUICE_SPOOL_DIR",
            Forms.path(),
            "Folder that uploads are spooled to; the system's temporary folder unless set.");
    static final Setting<Long> UPLOAD_MAX = Setting.of(
            "SLUICE_UPLOAD_MAX",
            Forms.bytes(KB, 4 * GB),
            DEFAULT_PER_REQUEST,
            "Largest body of a request; above it, 413.");
    static final Setting<Long> SPOOL_MAX = Setting.of(
            "SLUICE_SPOOL_MAX",
            Forms.bytes(KB, 1024 * GB),
            DEFAULT_TOTAL,
            "What all spooled bodies together may take; above it, 413.");

    static final List<Setting<?>> ALL = List.of(SPOOL_DIR, UPLOAD_MAX, SPOOL_MAX);

    static UploadSettings read(Reading reading) {
        var settings = new UploadSettings(reading.find(SPOOL_DIR), reading.get(UPLOAD_MAX), reading.get(SPOOL_MAX));
        if (settings.perRequest > settings.total) {
            reading.refuse(
                    reading.isSet(UPLOAD_MAX) ? UPLOAD_MAX : SPOOL_MAX,
                    "SLUICE_UPLOAD_MAX is larger than SLUICE_SPOOL_MAX");
        }
        return settings;
    }
}
