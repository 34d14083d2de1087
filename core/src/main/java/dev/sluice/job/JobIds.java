package dev.sluice.job;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** Ids of jobs that nobody named. */
final class JobIds {
    private static final int BYTES = 12;

    private JobIds() {}

    static String of(NewJob job, RandomGenerator random) {
        return job.id().orElseGet(() -> {
            var bytes = new byte[BYTES];
            random.nextBytes(bytes);
            return HexFormat.of().formatHex(bytes);
        });
    }
}
