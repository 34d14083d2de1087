package dev.sluice.clients.telegrambots;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.Interceptor;
import okhttp3.Response;
import okio.Buffer;

/** Keeps what OkHttp writes and reads, in the form in which it leaves and comes, and changes nothing. */
final class Wire implements Interceptor {
    /** @param body of the request, a character per byte */
    record Call(String path, String body, String answerCoding) {}

    private final List<Call> calls = new CopyOnWriteArrayList<>();

    @Override
    public Response intercept(Chain chain) throws IOException {
        var request = chain.request();
        var body = new Buffer();
        if (request.body() != null) {
            request.body().writeTo(body);
        }
        var answer = chain.proceed(request);
        calls.add(new Call(
                request.url().encodedPath(),
                body.readString(StandardCharsets.ISO_8859_1),
                answer.header("Content-Encoding", "identity")));
        return answer;
    }

    /** The first call of a method, in this spelling. */
    Call callOf(String method) {
        return calls.stream()
                .filter(call -> call.path().endsWith("/" + method))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there was no call of " + method));
    }
}
