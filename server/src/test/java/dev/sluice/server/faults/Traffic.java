package dev.sluice.server.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Callers that send one text after the other over all replicas, as sensible clients do: what was not sent is tried again, what
 * has a key also when the connection broke, and nothing else. No two texts are the same.
 */
final class Traffic {
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(100);
    private static final Duration ENDING = Duration.ofSeconds(60);

    /** A text and all that its caller was told, in order. */
    record Story(Message message, List<Answer> answers) {
        Answer last() {
            return answers.getLast();
        }
    }

    private final FaultBench bench;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Queue<Story> stories = new ConcurrentLinkedQueue<>();
    private final List<Future<?>> callers = new ArrayList<>();

    private Traffic(FaultBench bench) {
        this.bench = bench;
    }

    /**
     * Starts callers: every other one uses keys, one in four writes to {@code group}, the others each to ever new chats.
     *
     * @param wait how long each call may wait for its turn
     */
    static Traffic over(FaultBench bench, int callers, long group, Duration wait) {
        var traffic = new Traffic(bench);
        for (int i = 0; i < callers; i++) {
            int caller = i;
            traffic.callers.add(bench.callers.submit(() -> traffic.call(caller, group, wait)));
        }
        return traffic;
    }

    private void call(int caller, long group, Duration wait) {
        for (int i = 0; stopped.getCount() > 0; i++) {
            String text = "caller " + caller + " text " + i;
            long chat = caller % 4 == 3 ? group : 1_000_000L * (caller + 1) + i;
            Message message = Message.of(chat, text).waiting(wait);
            // Callers 0 and 1 of four to chats, 2 and 3 to chat and group: both kinds with and without a key.
            Message asked = (caller / 2 + caller) % 2 == 0 ? message.keyed(text) : message;
            stories.add(new Story(asked, tell(asked, caller + i)));
        }
    }

    private List<Answer> tell(Message message, int first) {
        var answers = new ArrayList<Answer>();
        for (int replica = first; ; replica++) {
            Answer answer = bench.send(replica % bench.replicas(), message);
            answers.add(answer);
            boolean again = answer.isNotSent()
                    || (answer.status() == Answer.NONE && message.key().isPresent());
            if (!again || isStoppedWithin(BETWEEN_TRIES)) {
                return answers;
            }
        }
    }

    private boolean isStoppedWithin(Duration time) {
        try {
            return stopped.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** How many texts have met their end so far. */
    int told() {
        return stories.size();
    }

    /** Lets what is under way end, and tells all of it. */
    List<Story> stop() throws InterruptedException {
        stopped.countDown();
        for (Future<?> caller : callers) {
            try {
                caller.get(ENDING.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new IllegalStateException("a caller did not come to an end", e);
            }
        }
        return List.copyOf(stories);
    }
}
