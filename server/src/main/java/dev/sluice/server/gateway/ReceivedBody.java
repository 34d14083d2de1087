package dev.sluice.server.gateway;

import io.vertx.core.buffer.Buffer;

/**
 * A body that has arrived whole.
 *
 * @param outgoing the body as it goes on: as it came, or decompressed
 * @param text the body where its kind is text, else empty
 * @param form what a multipart body held
 */
record ReceivedBody(BodyKind kind, ContentCoding coding, Outgoing outgoing, Buffer text, MultipartForm form) {

    /** The same body without compression. @throws Refusal if it can not be decompressed */
    ReceivedBody decoded() {
        if (coding == ContentCoding.IDENTITY) {
            return this;
        }
        Buffer plain = coding.decode(text, BodyReceiver.MOST_TEXT);
        return new ReceivedBody(kind, ContentCoding.IDENTITY, Outgoing.of(plain), plain, form);
    }

    /** @throws Refusal if the body is not what its content type says */
    Parameters parameters(String query) {
        Parameters parameters = ParameterReader.read(query, kind, text);
        form.fields().forEach(parameters::add);
        form.files().forEach(parameters::addFile);
        return parameters;
    }
}
