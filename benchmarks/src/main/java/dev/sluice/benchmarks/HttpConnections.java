package dev.sluice.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;

/** As many connections to one server as there are calls under way, the last used first. Thread-safe. */
final class HttpConnections implements AutoCloseable {
    private final URI server;
    private final ConcurrentLinkedDeque<HttpConnection> idle = new ConcurrentLinkedDeque<>();
    private final Queue<HttpConnection> all = new ConcurrentLinkedQueue<>();

    HttpConnections(String url) {
        this.server = URI.create(url);
    }

    /** Fails unless the answer is a success. */
    void call(byte[] request) throws IOException {
        HttpConnection connection = idle.pollFirst();
        if (connection == null) {
            connection = new HttpConnection(server);
            all.add(connection);
        }
        int status = connection.exchange(request);
        if (status != 200) {
            throw new IOException("a call was answered " + status + ": " + connection.lastAnswer());
        }
        idle.addFirst(connection);
    }

    /** Breaks calls that are under way, too. */
    @Override
    public void close() throws IOException {
        for (HttpConnection connection : all) {
            connection.close();
        }
    }
}
