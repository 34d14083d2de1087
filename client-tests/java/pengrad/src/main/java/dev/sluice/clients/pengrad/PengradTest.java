package dev.sluice.clients.pengrad;

import dev.sluice.clients.BotSteps;
import dev.sluice.clients.SimulatedTelegram;
import dev.sluice.clients.Steps;
import java.time.Duration;

/** pengrad's java-telegram-bot-api in a process of its own; called with the URLs of gateway and simulator. */
final class PengradTest {
    private static final long BOT = 711_000_000;

    private PengradTest() {}

    public static void main(String[] args) {
        var steps = new Steps("pengrad", Duration.ofSeconds(60));
        var client = new PengradClient(args[0], BOT + ":AAE-any-letters-and-digits-will-do_");
        BotSteps.run(steps, BOT, client, new SimulatedTelegram(args[1]));
        System.out.flush();
        System.exit(steps.exitCode()); // the library's threads would keep the process for a minute
    }
}
