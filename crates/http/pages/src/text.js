// The texts that several scripts need, in English and Korean. Each script adds its own.

import { Model } from './model.js';

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
  'seat.standing': ['{label}, standing {n}', '{label} 스탠딩 {n}번'],
  notFound: ['There is no such page', '없는 페이지입니다'],
  home: ['Go to the concerts', '공연 목록으로'],

  'nav.concerts': ['Concerts', '공연'],
  'nav.tickets': ['My tickets', '내 티켓'],
  'nav.points': ['My points', '내 포인트'],
  'nav.rooms': ['Rooms', '대기실'],
  'nav.orders': ['Orders', '예매 관리'],
  'nav.people': ['People', '회원'],
  'nav.actions': ['Audit log', '감사 기록'],
  'nav.venues': ['Venues', '공연장'],
  'nav.door': ['Doors', '입장 확인'],
  'nav.organize': ['New concert', '공연 등록'],
  'nav.signIn': ['Sign in', '로그인'],
  'nav.signOut': ['Sign out', '로그아웃'],
  'nav.language': ['한국어', 'English'],

  'signIn.title': ['Sign in', '로그인'],
  'signIn.email': ['E-mail', '이메일'],
  'signIn.password': ['Password', '비밀번호'],
  'signIn.submit': ['Sign in', '로그인'],

  'session.ended': ['Your session has ended. Sign in to go on; you come back to this page.', '로그인이 만료되었습니다. 다시 로그인하면 이 페이지로 돌아옵니다.'],
  'session.again': ['You are signed in again. Repeat the last step: what you typed is still here.', '다시 로그인했습니다. 입력한 내용은 그대로이니 마지막 단계를 다시 해 주세요.'],
  'session.later': ['Not now', '나중에'],
  'session.signedOut': ['You signed out in another tab', '다른 탭에서 로그아웃했습니다'],
  'session.signedOutHow': ['Sign in to go on where you were. Your position in the queue and held seats are kept until their time ends.', '로그인하면 이전 페이지로 돌아갑니다. 대기 순서와 잡은 좌석은 제한 시간까지 유지됩니다.'],
  'session.another': ['Another account is signed in', '다른 계정으로 로그인했습니다'],
  'session.anotherHow': ['{name} signed in in another tab. This page belonged to another account.', '다른 탭에서 {name} 계정으로 로그인했습니다. 이 페이지는 다른 계정의 것이었습니다.'],
  'session.goOn': ['Go on as {name}', '{name}(으)로 계속'],

  'concerts.title': ['Concerts', '공연'],
  'concerts.none': ['No concert has been announced yet.', '아직 등록된 공연이 없습니다.'],
  'concerts.search': ['Search', '검색'],
  'concerts.q': ['Title, artist or tag', '제목, 출연진, 태그'],
  'concerts.fromDay': ['From', '시작일'],
  'concerts.toDay': ['To', '종료일'],
  'concerts.place': ['Place', '장소'],
  'concerts.noneFound': ['No concert matches this search.', '검색 결과가 없습니다.'],
  'concerts.all': ['Show all concerts', '모든 공연 보기'],
  'concert.open': ['Booking is open', '예매 중'],
  'concert.dates': ['Next dates', '공연 일정'],
  'concert.noDates': ['No date has been announced yet.', '아직 일정이 없습니다.'],


  'line.yourTurn': ['It is your turn', '내 차례입니다'],

  'dates.soldOut': ['Sold out', '매진'],
  'dates.notYet': ['Booking opens {at}', '{at} 예매 시작'],
  'dates.timeLeft': ['Your time to shop: {time}', '남은 이용 시간: {time}'],

  'seats.stage': ['STAGE', '무대'],
  'seats.map': ['Seat map', '좌석 배치도'],
  'seats.look': ['With a keyboard: arrow keys to move, + and − to zoom.', '키보드: 방향키로 이동, +와 −로 확대·축소.'],
  'seats.zoomIn': ['Zoom in', '확대'],
  'seats.zoomOut': ['Zoom out', '축소'],
  'seats.whole': ['Whole map', '전체 보기'],
  'seats.chosen': ['Chosen', '선택한 좌석'],
  'seats.total': ['Total', '합계'],
  'seats.left': ['{n} seats free', '{n}석 선택 가능'],

  'tickets.title': ['My tickets', '내 티켓'],
  'status.HELD': ['Held until {at}', '{at}까지 확보'],
  'status.CONFIRMED': ['Paid', '결제 완료'],
  'status.EXPIRED': ['Expired', '시간 초과'],
  'status.CANCELLED': ['Cancelled', '취소됨'],

  'points.noCharges': ['Points cannot be charged here. Ask the box office.', '이곳에서는 포인트를 충전할 수 없습니다. 매표소에 문의해 주세요.'],
  'points.when': ['When', '일시'],

  'countdown.days': ['{n} d {time}', '{n}일 {time}'],
  'field.problem': ['{field}: {rule}.', '{field}: {rule}.'],
  'field.email': ['E-mail', '이메일'],
  'field.password': ['Password', '비밀번호'],
  'field.name': ['Name', '이름'],
  'field.currentPassword': ['Current password', '현재 비밀번호'],
  'field.newPassword': ['New password', '새 비밀번호'],
  'field.amount': ['Points', '포인트'],
  'field.title': ['Title', '제목'],
  'field.description': ['Description', '설명'],
  'field.startsAt': ['Starts', '시작'],
  'field.endsAt': ['Ends', '종료'],
  'field.bookingOpensAt': ['Booking opens', '예매 시작'],
  'field.bookingClosesAt': ['Booking closes', '예매 마감'],
  'field.cancellationClosesAt': ['Tickets can be cancelled until', '티켓 취소 마감'],
  'field.seatMap': ['Seats', '좌석'],
  'field.rows': ['Rows', '열 수'],
  'field.columns': ['Seats in a row', '열당 좌석'],
  'field.price': ['Price in points', '가격(포인트)'],
  'field.label': ['Name of the section', '구역 이름'],
  'field.schedules': ['Dates', '일정'],
  'field.message': ['Message', '안내'],
  'notFound.how': ['The address may be wrong, or what was here is gone.', '주소가 잘못되었거나 없어진 페이지입니다.'],
  'organize.skipped': ['{field}: clocks skip this time ({zone}). Choose another.', '{field}: {zone}에 없는 시각입니다. 다른 시각을 선택하세요.'],
  'foot.zone': ['Times without a zone: {zone} ({name})', '시간대 없는 시각: {zone}({name})'],
  'leave.sure': ['Leave this page? What you typed is lost.', '이 페이지를 나갈까요? 입력한 내용이 사라집니다.'],
  'nav.account': ['Account', '내 정보'],
  'nav.ownConcerts': ['My concerts', '내 공연'],
  'nav.menu': ['Menu', '메뉴'],
  'nav.theme': ['Colours: {theme}', '색상: {theme}'],
  'theme.auto': ['as the device has them', '기기 설정'],
  'theme.light': ['light', '밝게'],
  'theme.dark': ['dark', '어둡게'],
  'confirm.name': ['Your e-mail address', '이메일 주소'],
  'confirm.how': ['Confirm your e-mail address before you book: open the link that we sent to {email}.', '예매하려면 이메일 주소를 먼저 확인해야 합니다. {email} 주소로 보낸 링크를 열어 주세요.'],
  'confirm.sent': ['A new link is on its way to {email}.', '{email} 주소로 새 링크를 보냈습니다.'],
  'confirm.again': ['Send the link again', '링크 다시 받기'],
  'live.name': ['Your booking', '내 예매'],
  'live.hold': ['{title}: your seats are held for {time}', '{title}: 좌석 확보 시간 {time}'],
  'live.pay': ['Pay', '결제하기'],
  'live.back': ['To the queue', '대기열로'],
  'live.choose': ['Choose seats', '좌석 선택'],
  'live.waiting': ['{title}: position {n} in the queue, kept for {time}', '{title}: 대기 순서 {n}번, {time} 동안 유지'],
  'live.turn': ['{title}: it is your turn, {time} left', '{title}: 내 차례입니다. {time} 남음'],
  'concert.notYet': ['Booking has not opened yet', '예매 시작 전'],
  'concert.paused': ['Admission is paused', '입장 일시 중지'],
  'concert.held': ['All seats are held now', '지금은 남은 좌석 없음'],
  'concert.soldOut': ['Sold out', '매진'],
  'concert.closed': ['Booking has closed', '예매 마감'],
  'concert.cancelled': ['Cancelled', '공연 취소'],
  'concert.ended': ['No date to come', '예정된 일정 없음'],
  'concert.closedHow': ['Booking of this concert has closed. Other concerts are on the list.', '예매가 마감된 공연입니다. 다른 공연은 목록에서 볼 수 있습니다.'],
  'concert.cancelledHow': ['This concert does not take place. Tickets of its cancelled dates are refunded without a request.', '취소된 공연입니다. 취소된 일정의 표는 신청하지 않아도 환불됩니다.'],
  'concert.endedHow': ['This concert has no date to come. Other concerts are on the list.', '예정된 일정이 없는 공연입니다. 다른 공연은 목록에서 볼 수 있습니다.'],
  'concert.look': ['Look again', '다시 확인'],
  'opening.left': ['{time} left', '{time} 남음'],
  'reminder.save': ['Save a reminder', '캘린더에 저장'],
  'concert.from': ['From {price}', '{price}부터'],
  'concert.age': ['From the age of {n}', '{n}세 이상'],
  'field.maxTicketsPerPerson': ['Tickets per person', '1인당 매수'],
  'field.q': ['Search words', '검색어'],
  'field.from': ['From', '시작일'],
  'field.to': ['To', '종료일'],
  'field.reason': ['Reason', '사유'],
  'dates.soldOutHow': ['All seats are taken now. Held seats that are not paid for become free again: keep this page open.', '지금은 남은 좌석이 없습니다. 결제되지 않은 좌석은 다시 풀리니 이 페이지를 열어 두세요.'],
  'rooms.site': ['The whole site', '사이트 전체'],
  'rooms.waiting': ['Waiting', '대기'],
  'rooms.active': ['Active', '이용 중'],
  'rooms.open': ['Open', '입장 중'],
  'rooms.paused': ['Paused', '일시 정지'],
  'rooms.closed': ['Closed', '닫힘'],
  'room.remove': ['Remove from the queue', '대기열에서 내보내기'],
  'room.capacity': ['Capacity', '정원'],
  'room.admitBatch': ['Users admitted at once', '한 번에 입장'],
  'room.admitIntervalSeconds': ['Seconds between admissions', '입장 간격(초)'],
  'room.activeSeconds': ['Seconds to shop', '이용 시간(초)'],
  'room.idleSeconds': ['Seconds a position is kept without a response', '응답 없이 순서가 유지되는 시간(초)'],
  'room.message': ['Message to waiting users', '대기 중인 사람에게 보낼 안내'],
  'room.save': ['Save', '저장'],
  'room.nothing': ['Nothing was changed', '변경한 항목이 없습니다'],
  'room.saved': ['Saved', '저장했습니다'],
  'room.sales': ['Sales', '판매 현황'],
  'sales.date': ['Date', '날짜'],
  'orders.title': ['Orders', '예매 관리'],
  'orders.seats': ['Seats', '좌석'],
  'reason.hint': ['Up to 300 characters; the audit log keeps it', '최대 300자. 감사 기록에 남습니다'],
  'date.changedElsewhere': ['{name}: another user has set {value}. Saving replaces it.', '{name}: 다른 사용자가 {value}(으)로 변경했습니다. 저장하면 덮어씁니다.'],
  'date.refunds': ['Refunds', '환불'],
  'date.refunding': ['Refunded: {n} of {of} orders. Holds to release: {held}.', '환불: {of}건 중 {n}건. 해제할 좌석 확보: {held}건.'],
  'date.refunded': ['All refunds are complete. Orders refunded: {n}.', '환불이 모두 끝났습니다. 환불한 예매: {n}건.'],
  'actions.nothing': ['nothing', '없음'],
  'organize.title': ['Announce a concert', '공연 등록'],
  'organize.zone': ['These times are in {zone} ({name}).', '이 시각들은 {zone}({name}) 기준입니다.'],
  'organize.addDate': ['Add a date', '일정 추가'],
  'field.address': ['Address', '주소'],
  'field.timeZone': ['Time zone', '시간대'],
  'field.seats': ['Seats in a row', '열당 좌석'],
  'venues.title': ['Venues', '공연장'],
  'hall.places': ['{n} places', '{n}석'],
  'hall.version': ['Version {n}', '버전 {n}'],
  'ownConcerts.DRAFT': ['Draft', '초안'],
  'ownConcerts.PUBLISHED': ['Published', '공개'],
  'ownConcerts.CANCELLED': ['Cancelled', '취소됨'],
  'field.subtitle': ['Subtitle', '부제'],
  'field.tags': ['Tags', '태그'],
  'field.runningMinutes': ['Running time in minutes', '공연 시간(분)'],
  'field.ageLimit': ['From the age of', '관람 연령'],
  'field.body': ['The picture', '그림'],
  'field.width': ['Width of the picture in pixels', '그림의 가로 픽셀 수'],
  'field.height': ['Height of the picture in pixels', '그림의 세로 픽셀 수'],
  'field.pixels': ['Pixels of the picture', '그림의 전체 픽셀 수'],
  'reminder.title': ['Booking opens: {title}', '예매 시작: {title}'],
  'date.title': ['Manage the date {date}', '{date} 일정 관리'],
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

/** Changes when the language does. */
export const languages = new Model();

/** Changes to the other language, and keeps it. */
export function switchLanguage() {
  current = language() === 'en' ? 'ko' : 'en';
  localStorage.setItem(KEY, current);
  languages.changed();
}

/** Adds the texts of another script. */
export const addTexts = (texts) => Object.assign(TEXTS, texts);

/** Whether there is a text of this name. */
export const hasText = (key) => key in TEXTS;

/** A text, with its `{name}`s filled in. */
export function t(key, values = {}) {
  const text = TEXTS[key]?.[LANGUAGES.indexOf(language())];
  if (text === undefined) console.error(`no text for ${key}`);
  return (text ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
