// The second way of a live session's page: WebRTC, by the gateway. Sound goes out as Opus, pictures come in as RTP.
window.LiveWebRtc = class {
  // `onNote` is given what the service says, `onClose` is called when the connection is gone; `said` gives
  // sentences of the service in the page's language.
  constructor(address, picture, onNote, onClose, said) {
    this.address = address;
    this.picture = picture;
    this.onNote = onNote;
    this.onClose = onClose;
    this.said = said;
  }

  async open(token, track) {
    const servers = await (await fetch(this.address)).json();
    const connection = new RTCPeerConnection(servers);
    this.connection = connection;
    this.channel = connection.createDataChannel("control");
    this.channel.onmessage = (event) => this.onNote(JSON.parse(event.data));
    this.channel.onclose = () => this.onClose();
    connection.onconnectionstatechange = () => {
      if (["failed", "closed"].includes(connection.connectionState)) this.onClose();
    };
    const shown = new MediaStream();
    this.picture.srcObject = shown;
    connection.ontrack = (event) => {
      shown.addTrack(event.track);
      this.picture.play().catch(() => {}); // the page says what to do
    };
    connection.addTransceiver("video", { direction: "recvonly" });
    connection.addTransceiver(track, { direction: "sendrecv" });
    await connection.setLocalDescription(await connection.createOffer());
    await this.gathered();
    const answer = await fetch(this.address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token, sdp: connection.localDescription.sdp }),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(this.said(told.message || told.code, told.hint));
    await connection.setRemoteDescription({ type: "answer", sdp: told.sdp });
  }

  // The gateway takes an offer with all candidates; a server that does not answer is not waited for.
  gathered() {
    const connection = this.connection;
    return new Promise((resolve) => {
      const look = () => { if (connection.iceGatheringState === "complete") resolve(); };
      connection.addEventListener("icegatheringstatechange", look);
      setTimeout(resolve, 5000);
      look();
    });
  }

  tell(message) {
    if (this.channel && this.channel.readyState === "open") this.channel.send(JSON.stringify(message));
  }

  close() {
    if (this.connection) this.connection.close();
    this.picture.srcObject = null;
  }
};
