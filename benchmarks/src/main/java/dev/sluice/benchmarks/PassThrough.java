package dev.sluice.benchmarks;

import dev.sluice.benchmarks.Rounds.Arm;
import dev.sluice.benchmarks.Rounds.Measured;
import dev.sluice.benchmarks.Rounds.Slice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How many unmetered calls a second pass through the gateway, next to nginx as a plain proxy. Another nginx, which answers by
 * itself, stands for Telegram: the simulator would be what is measured.
 */
final class PassThrough {
    private static final String TITLE = "Pass-through of getMe";
    private static final int CALLERS = 32;
    private static final double AIM = 0.5;

    private PassThrough() {}

    static Section measure(Path root, Rounds rounds) throws Exception {
        Optional<Path> program = Nginx.onPath();
        if (program.isEmpty()) {
            return new Section(TITLE, "skipped: no nginx", List.of());
        }
        try (var telegram = Nginx.answering(program.get(), root);
                var nginx = Nginx.proxying(program.get(), root, telegram.url());
                var sluice = SluiceProcess.gateway(root, Map.of("TELEGRAM_API_URL", telegram.url()));
                var straight = new HttpConnections(telegram.url());
                var byNginx = new HttpConnections(nginx.url());
                var bySluice = new HttpConnections(sluice.url())) {
            byte[] getMe = BotRequests.getMe(1);
            var arms = List.of(
                    new Arm("straight", random -> straight.call(getMe)),
                    new Arm("through nginx", random -> byNginx.call(getMe)),
                    new Arm("through Sluice", random -> bySluice.call(getMe)));
            List<Measured> results = rounds.run(
                    arms,
                    CALLERS,
                    Thread.ofPlatform()
                            .factory(), // half the work of virtual ones, when all that a thread does is to wait
                    () -> nginx.cpuSeconds() + sluice.cpuSeconds());
            return new Section(
                    TITLE,
                    CALLERS
                            + " callers, each a thread with a connection of its own; nginx with 2 workers and kept connections; "
                            + "upstream is an nginx that answers by itself; " + rounds.count() + " rounds of "
                            + rounds.slice().toMillis() + " ms an arm; ratios are to nginx",
                    figures(results));
        }
    }

    private static List<Figure> figures(List<Measured> results) {
        Measured straight = results.get(0);
        Measured nginx = results.get(1);
        Measured sluice = results.get(2);
        var figures = new ArrayList<Figure>();
        figures.add(Figure.of(straight.name(), "/s", straight.each(Slice::perSecond)));
        figures.add(Figure.of(nginx.name(), "/s", nginx.each(Slice::perSecond)));
        figures.add(Figure.compared(
                        sluice.name(), "/s", sluice.each(Slice::perSecond), nginx.name(), nginx.each(Slice::perSecond))
                .atLeast(AIM));
        figures.add(Figure.of("CPU of nginx", "us", nginx.each(Slice::storeMicros)));
        figures.add(Figure.compared(
                "CPU of Sluice", "us", sluice.each(Slice::storeMicros), nginx.name(), nginx.each(Slice::storeMicros)));
        figures.add(Figure.of("CPU of the client, straight", "us", straight.each(Slice::ownMicros)));
        return figures;
    }
}
