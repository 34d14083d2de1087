package dev.sluice.clients;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** Runs one step after the other and prints what became of each: the lines that {@code client-tests/run} counts. */
public final class Steps {
    private final String client;
    private boolean failed;

    /** @param limit after which the whole program ends as failed, whatever it waits for */
    public Steps(String client, Duration limit) {
        this.client = client;
        Thread.ofPlatform().daemon().start(() -> {
            try {
                Thread.sleep(limit);
            } catch (InterruptedException e) {
                return;
            }
            System.out.println("FAILED " + client + ": not done after " + limit.toSeconds() + " s");
            Runtime.getRuntime().halt(1);
        });
    }

    public interface Step {
        void run() throws Exception;
    }

    public void step(String name, Step step) {
        try {
            step.run();
            System.out.println("ok " + client + ": " + name);
        } catch (Exception | AssertionError e) {
            failed = true;
            String why = e instanceof AssertionError ? e.getMessage() : e.toString();
            System.out.println("FAILED " + client + ": " + name + ": " + why.replace('\n', ' '));
        }
    }

    public int exitCode() {
        return failed ? 1 : 0;
    }

    public static void expect(String what, Object actual, Object expected) {
        if (!Objects.equals(actual, expected)) {
            throw new AssertionError(what + " is " + actual + ", not " + expected);
        }
    }

    public static void expectBetween(String what, Integer actual, int least, int most) {
        if (actual == null || actual < least || actual > most) {
            throw new AssertionError(what + " is " + actual + ", not " + least + " to " + most);
        }
    }

    public static void expectChat(List<String> actual, String... expected) {
        expect("what reached the chat", actual, List.of(expected));
    }
}
