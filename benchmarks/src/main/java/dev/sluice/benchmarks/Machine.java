package dev.sluice.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the figures come from.
 *
 * @param programs what else was measured or compared with, each with its version
 * @param load the system's load average of the last minute before anything was measured; negative where there is none
 */
record Machine(String processor, int processors, String system, String java, List<String> programs, double load) {

    static Machine describe(List<String> programs, double loadAtStart) {
        return new Machine(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                System.getProperty("java.vendor") + " " + Runtime.version(),
                programs,
                loadAtStart);
    }

    static double loadNow() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /** Half a processor's work by others is enough to move absolute figures. */
    boolean wasLoaded() {
        return load > 0.5;
    }

    private static String processorName() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
