// Every text of the pages, in English and Korean.

const KEY = 'stagedoor.language';
const LANGUAGES = ['en', 'ko'];

const TEXTS = {
  skip: ['Skip to the content', '본문으로 건너뛰기'],
  failed: ['Something went wrong. Please try again.', '문제가 생겼습니다. 다시 시도해 주세요.'],
  unreachable: ['The server cannot be reached. Check your connection and try again.', '서버에 연결할 수 없습니다. 연결을 확인하고 다시 시도해 주세요.'],
  retryAfter: ['Try again in {n} seconds.', '{n}초 뒤에 다시 시도해 주세요.'],
  'retry.busy': ['The service is busy. Trying again in {n} seconds.', '서비스가 바쁩니다. {n}초 뒤에 다시 시도합니다.'],
  'retry.failed': ['The service had a problem. Trying again.', '서비스에 문제가 생겼습니다. 다시 시도합니다.'],
  'retry.lost': ['The server does not answer. Trying again.', '서버가 응답하지 않습니다. 다시 시도합니다.'],
  loading: ['Loading…', '불러오는 중…'],
  more: ['Show more', '더 보기'],
  again: ['Try again', '다시 시도'],
  points: ['{n} points', '{n} 포인트'],
  seconds: ['{n} seconds', '{n}초'],
  minutes: ['{n} minutes', '{n}분'],
  days: ['{n} days', '{n}일'],
  hours: ['{n} hours', '{n}시간'],
  'seat.plain': ['Row {row}, seat {column}', '{row}열 {column}번'],
  'seat.labelled': ['{label}, row {row}, seat {column}', '{label} {row}열 {column}번'],
  notFound: ['There is no such page', '없는 페이지입니다'],
  home: ['Go to the concerts', '공연 목록으로'],

  'nav.concerts': ['Concerts', '공연'],
  'nav.tickets': ['My tickets', '내 티켓'],
  'nav.points': ['My points', '내 포인트'],
  'nav.rooms': ['Rooms', '대기실'],
  'nav.people': ['People', '회원'],
  'nav.actions': ['Audit log', '감사 기록'],
  'nav.organize': ['New concert', '공연 등록'],
  'nav.signIn': ['Sign in', '로그인'],
  'nav.signOut': ['Sign out', '로그아웃'],
  'nav.language': ['한국어', 'English'],

  'signIn.title': ['Sign in', '로그인'],
  'signIn.email': ['E-mail', '이메일'],
  'signIn.password': ['Password', '비밀번호'],
  'signIn.passwordHint': ['8 to 256 characters, not a common password', '흔하지 않은 8~256자'],
  'signIn.name': ['Name', '이름'],
  'signIn.submit': ['Sign in', '로그인'],
  'signUp.title': ['Sign up', '회원 가입'],
  'signUp.submit': ['Sign up', '가입하기'],
  'signIn.toSignUp': ['New here? Sign up', '처음이신가요? 회원 가입'],
  'signUp.toSignIn': ['Have an account? Sign in', '계정이 있으신가요? 로그인'],

  'session.ended': ['Your session has ended. Sign in to go on; you come back to this page.', '로그인이 만료되었습니다. 다시 로그인하면 이 페이지로 돌아옵니다.'],
  'session.endedBack': ['Your session has ended. Sign in to go on where you were.', '로그인이 만료되었습니다. 로그인하면 이전 페이지로 돌아갑니다.'],
  'session.endedBooking': ['Your session has ended. Sign in to go on where you were: your position and your held seats are kept until their time ends.', '로그인이 만료되었습니다. 로그인하면 이전 페이지로 돌아갑니다. 대기 순서와 잡은 좌석은 제한 시간까지 유지됩니다.'],
  'session.signedOut': ['You signed out in another tab', '다른 탭에서 로그아웃했습니다'],
  'session.signedOutHow': ['Sign in to go on where you were. Your position in the queue and held seats are kept until their time ends.', '로그인하면 이전 페이지로 돌아갑니다. 대기 순서와 잡은 좌석은 제한 시간까지 유지됩니다.'],
  'session.another': ['Another account is signed in', '다른 계정으로 로그인했습니다'],
  'session.anotherHow': ['{name} signed in in another tab. This page belonged to another account.', '다른 탭에서 {name} 계정으로 로그인했습니다. 이 페이지는 다른 계정의 것이었습니다.'],
  'session.goOn': ['Go on as {name}', '{name}(으)로 계속'],

  'concerts.title': ['Concerts', '공연'],
  'concerts.none': ['No concert has been announced yet.', '아직 등록된 공연이 없습니다.'],
  'concert.open': ['Booking is open', '예매 중'],
  'concert.closed': ['No seats can be booked now', '지금은 예매할 수 없습니다'],
  'concert.dates': ['Next dates', '공연 일정'],
  'concert.noDates': ['No date has been announced yet.', '아직 일정이 없습니다.'],
  'concert.book': ['Join the queue', '줄 서기'],
  'concert.signIn': ['Sign in to join the queue', '로그인하고 줄 서기'],

  'concert.await': ['Wait for booking to open', '예매 시작 기다리기'],

  'opening.title': ['Booking has not opened yet', '아직 예매가 시작되지 않았습니다'],
  'opening.at': ['Booking opens:', '예매 시작:'],
  'opening.left': ['{time} left', '{time} 남음'],
  'opening.itself': ['Keep this page open: it joins the queue when booking opens.', '이 페이지를 열어 두면 예매가 시작될 때 줄을 섭니다.'],
  'opening.back': ['About this concert', '공연 정보'],

  'stuck.title': ['This did not work', '처리하지 못했습니다'],
  'stuck.inside': ['It is your turn, but this did not work', '내 차례이지만 처리하지 못했습니다'],
  'stuck.kept': ['Your time to shop goes on. Seats that you hold stay yours until their time ends.', '이용 시간은 계속 흐릅니다. 잡은 좌석은 제한 시간까지 유지됩니다.'],
  'stuck.itself': ['This page tries again by itself.', '이 페이지가 자동으로 다시 시도합니다.'],

  'line.title': ['You are in the queue', '대기 중입니다'],
  'line.position': ['Your position', '내 순서'],
  'line.ahead': ['People ahead of you: {n}', '앞에 {n}명이 있습니다'],
  'line.next': ['You are next', '다음 차례입니다'],
  'line.waiting': ['Waiting in all: {n}', '모두 {n}명이 기다립니다'],
  'line.estimate': ['About {time} left', '약 {time} 남았습니다'],
  'line.noEstimate': ['The waiting time is not known yet', '남은 시간은 아직 알 수 없습니다'],
  'line.paused': ['The queue is paused. No one is admitted for now; you keep your position.', '입장이 잠시 멈췄습니다. 내 순서는 그대로입니다.'],
  'line.message': ['From the box office', '매표소 안내'],
  'line.keep': ['You may close this page: your position is kept for {time}. Come back before then to keep it.', '이 페이지를 닫아도 {time} 동안 순서가 유지됩니다. 그 전에 돌아오면 그대로 이어집니다.'],
  'line.progress': ['Progress', '진행 정도'],
  'line.notify': ['Tell me when it is my turn', '내 차례에 알림 받기'],
  'line.notifyOn': ['You will get a notification and a sound', '알림과 소리로 알려 드립니다'],
  'line.leave': ['Leave the queue', '줄에서 나가기'],
  'line.leaveSure': ['Leave the queue? You will lose your position.', '줄에서 나갈까요? 순서를 잃게 됩니다.'],
  'line.yourTurn': ['It is your turn', '내 차례입니다'],
  'line.lost': ['The connection is lost; trying again. Your position is kept until {at}.', '연결이 끊겨 다시 시도하고 있습니다. 순서는 {at}까지 유지됩니다.'],
  'line.back': ['You are back after {time} without a connection. Your position was kept.', '{time} 동안 연결이 끊겼다가 돌아왔습니다. 순서는 그대로입니다.'],

  'over.TIMED_OUT': ['Your time to shop has expired', '이용 시간이 끝났습니다'],
  'over.ABANDONED': ['Your position has expired: this page did not respond for too long', '오래 응답이 없어 순서가 취소되었습니다'],
  'over.LEFT': ['You have left the queue', '줄에서 나왔습니다'],
  'over.COMPLETED': ['You have paid. Enjoy the show!', '결제가 끝났습니다. 즐거운 관람 되세요!'],
  'over.again': ['Join the queue again', '다시 줄 서기'],

  'dates.title': ['Choose a date', '날짜 선택'],
  'dates.left': ['{n} of {of} seats free', '{of}석 중 {n}석 남음'],
  'dates.soldOut': ['Sold out', '매진'],
  'dates.notYet': ['Booking opens {at}', '{at} 예매 시작'],
  'dates.timeLeft': ['Your time to shop: {time}', '남은 이용 시간: {time}'],
  'dates.other': ['Choose another date', '다른 날짜 선택'],

  'seats.title': ['Choose your seats', '좌석 선택'],
  'seats.stage': ['STAGE', '무대'],
  'seats.free': ['Free', '선택 가능'],
  'seats.mine': ['Yours', '내 좌석'],
  'seats.taken': ['Taken', '선택 불가'],
  'seats.map': ['Seat map', '좌석 배치도'],
  'seats.help': ['Up to 4 seats. With a keyboard: arrow keys to move, Enter to choose, + and − to zoom.', '최대 4석. 키보드: 방향키로 이동, Enter로 선택, +와 −로 확대·축소.'],
  'seats.look': ['With a keyboard: arrow keys to move, + and − to zoom.', '키보드: 방향키로 이동, +와 −로 확대·축소.'],
  'seats.best': ['Best available', '자동 선택'],
  'seats.bestCount': ['How many', '매수'],
  'seats.take': ['Take them', '선택'],
  'seats.zoomIn': ['Zoom in', '확대'],
  'seats.zoomOut': ['Zoom out', '축소'],
  'seats.whole': ['Whole map', '전체 보기'],
  'seats.chosen': ['Chosen', '선택한 좌석'],
  'seats.none': ['No seat chosen yet', '선택한 좌석이 없습니다'],
  'seats.drop': ['Take out {seat}', '{seat} 빼기'],
  'seats.total': ['Total', '합계'],
  'seats.hold': ['Hold these seats', '좌석 잡기'],
  'seats.max': ['At most 4 seats at once', '한 번에 최대 4석입니다'],
  'seats.lost': ['{seats}: another user was faster. The rest of your choice is kept.', '{seats}: 다른 분이 먼저 선택했습니다. 나머지 선택은 그대로입니다.'],
  'seats.describe': ['{seat}, {price}, {status}', '{seat}, {price}, {status}'],
  'seats.updatesLost': ['The connection is lost; the map may be out of date.', '연결이 끊겨 배치도가 최신이 아닐 수 있습니다.'],
  'seats.left': ['{n} seats free', '{n}석 선택 가능'],

  'checkout.title': ['Pay', '결제'],
  'checkout.held': ['These seats are held for you for {time}', '좌석이 {time} 동안 확보됩니다'],
  'checkout.balance': ['Your balance', '내 포인트'],
  'checkout.missing': ['{n} more points are needed', '{n} 포인트가 더 필요합니다'],
  'checkout.charge': ['Charge {n} points', '{n} 포인트 충전'],
  'checkout.pay': ['Pay {n} points', '{n} 포인트 결제'],
  'checkout.release': ['Release the seats', '좌석 취소'],
  'checkout.extend': ['Keep the seats until {at}', '{at}까지 좌석 연장'],
  'checkout.late': ['The hold had just expired; your seats were still free and are yours', '시간이 막 지났지만 좌석이 남아 있어 결제되었습니다'],
  'checkout.expired': ['The hold has expired and the seats are free again', '시간이 지나 좌석이 풀렸습니다'],
  'checkout.chooseAgain': ['Choose seats again', '좌석 다시 선택'],
  'checkout.already': ['You hold these seats already.', '이미 잡은 좌석입니다.'],
  'checkout.minuteLeft': ['One minute left to pay', '결제 시간이 1분 남았습니다'],

  'ticket.title': ['Your ticket', '내 티켓'],
  'ticket.qr': ['QR code of ticket {id}', '티켓 {id} QR 코드'],
  'ticket.show': ['Show this code at the entrance', '입장할 때 이 코드를 보여 주세요'],
  'ticket.paid': ['Paid', '결제 금액'],
  'ticket.id': ['Ticket number', '티켓 번호'],
  'ticket.cancel': ['Cancel this ticket', '티켓 취소'],
  'ticket.cancelUntil': ['It can be cancelled until {at}', '{at}까지 취소할 수 있습니다'],
  'ticket.cancelSure': ['Cancel this ticket and get {price} back?', '티켓을 취소하고 {price}를 돌려받을까요?'],
  'tickets.title': ['My tickets', '내 티켓'],
  'tickets.none': ['You have no tickets yet.', '아직 티켓이 없습니다.'],
  'status.HELD': ['Held until {at}', '{at}까지 확보'],
  'status.CONFIRMED': ['Paid', '결제 완료'],
  'status.EXPIRED': ['Expired', '시간 초과'],
  'status.CANCELLED': ['Cancelled', '취소됨'],

  'points.title': ['My points', '내 포인트'],
  'points.balance': ['Balance', '잔액'],
  'points.charge': ['Charge points', '포인트 충전'],
  'points.noCharges': ['Points cannot be charged here. Ask the box office.', '이곳에서는 포인트를 충전할 수 없습니다. 매표소에 문의해 주세요.'],
  'points.amount': ['Points', '포인트'],
  'points.history': ['History', '이용 내역'],
  'points.none': ['Nothing has happened yet.', '아직 내역이 없습니다.'],
  'points.when': ['When', '일시'],
  'points.what': ['What', '내용'],
  'points.CHARGE': ['Charged', '충전'],
  'points.USE': ['Used', '사용'],
  'points.REFUND': ['Refunded', '환불'],
  'points.done': ['{n} points charged', '{n} 포인트를 충전했습니다'],
};

let current;

function preferred() {
  const kept = localStorage.getItem(KEY);
  if (LANGUAGES.includes(kept)) return kept;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2));
  return wanted.find((tag) => LANGUAGES.includes(tag)) ?? 'en';
}

/** The language of the pages: `en` or `ko`. */
export function language() {
  current ??= preferred();
  return current;
}

/** Changes to the other language, and keeps it. */
export function switchLanguage() {
  current = language() === 'en' ? 'ko' : 'en';
  localStorage.setItem(KEY, current);
}

/** Adds the texts of pages for operators and organizers. */
export const addTexts = (texts) => Object.assign(TEXTS, texts);

/** A text, with its `{name}`s filled in. */
export function t(key, values = {}) {
  const text = TEXTS[key]?.[LANGUAGES.indexOf(language())] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
