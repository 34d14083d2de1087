package dev.sluice.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How long the program takes to start. */
final class GatewayStart {
    private static final double AIM_MILLIS = 1_500;

    private GatewayStart() {}

    /** @param times after one start that fills the launcher's archive of classes */
    static Section measure(Path root, int times) throws Exception {
        var millis = new ArrayList<Double>();
        for (int i = 0; i <= times; i++) {
            try (var gateway = SluiceProcess.gateway(root, Map.of())) {
                if (i > 0) {
                    millis.add(gateway.untilReady().toNanos() / 1e6);
                }
            }
        }
        return new Section(
                "Start of the gateway",
                "./sluice serve, state in memory, from starting the launcher to the line that it is ready; " + times
                        + " starts",
                List.of(Figure.of("serve until ready", "ms", millis).atMost(AIM_MILLIS)));
    }
}
